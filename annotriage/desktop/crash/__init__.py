"""What the program does when it fails: the guard, the report, the dialog and the log."""
