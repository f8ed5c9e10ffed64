"""What statistical tests say, in words, and whether their assumptions hold."""
