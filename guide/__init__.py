"""What makes parts of the user guide: the page of commands, the pictures."""
