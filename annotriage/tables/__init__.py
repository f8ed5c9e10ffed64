"""Tables as people keep them: one reader for text and workbooks, one writer of CSV, and what a cell can mean."""

from annotriage.tables.cells import csv_bytes, defused, name_cell, text_of_cell, without_guard
from annotriage.tables.numbered import united_numbers
from annotriage.tables.reading import read_table
from annotriage.tables.table import Problem, Table
from annotriage.tables.values import column_key, number, says_nothing, some

__all__ = [
    "Problem",
    "Table",
    "column_key",
    "csv_bytes",
    "defused",
    "name_cell",
    "number",
    "read_table",
    "says_nothing",
    "some",
    "text_of_cell",
    "united_numbers",
    "without_guard",
]
