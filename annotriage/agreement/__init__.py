"""The masks that people drew of an image: who drew which, how much they agree, what they agree on."""
