"""One image in full: zoom, overlays, facts, decision."""
