"""What is found, laid out as one document: the words, tables and figures that every screen and report shows."""
