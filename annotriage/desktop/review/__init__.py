"""The folder under review: its images as a Qt model, and the threads that fill it."""
