"""Colours, sizes and icons: how the window looks."""
