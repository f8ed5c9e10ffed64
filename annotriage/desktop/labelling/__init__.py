"""Send images to an annotation tool, and fetch what people drew there."""
