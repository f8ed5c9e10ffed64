"""The window and annotation tools: sending, fetching."""
