"""One review session: predictions as they come, stored in SQLite."""
