"""The networks that look at images, and their pretrained weights."""
