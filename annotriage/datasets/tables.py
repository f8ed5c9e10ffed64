"""Moved to `annotriage.tables`, which other rooms need, too."""

from annotriage.tables import Table, number, read_table, says_nothing, some

__all__ = ["Table", "number", "read_table", "says_nothing", "some"]
