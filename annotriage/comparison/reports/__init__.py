"""Results as documents: on the terminal, as HTML, PDF, LaTeX and JSON."""
