"""The wizard's pages of images and labels."""
