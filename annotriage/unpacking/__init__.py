"""Archives from elsewhere, unpacked with care; and how far that is."""
