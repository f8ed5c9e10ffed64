"""What people drew, as annotation tools export it: one form for all formats, one function that makes pixels of it."""
