"""Charts that answer to mouse and keyboard; loaded only where one is shown, as pyqtgraph takes a moment."""
