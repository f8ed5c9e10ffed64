"""Many images at a glance: grid, table, filters."""
