"""Fetch images from where people publish and share them."""
