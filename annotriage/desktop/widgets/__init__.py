"""Small widgets and looks that every screen uses."""
