"""The user guide in the window, without a network."""
