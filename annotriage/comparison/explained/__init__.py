"""What explanations are made of: tests in words, tables, figures as series, the document that holds them."""
