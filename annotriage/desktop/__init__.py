"""The window: a folder's images, the contentious ones first, and a decision a key."""
