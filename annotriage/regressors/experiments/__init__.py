"""Several runs, each a process of its own."""
