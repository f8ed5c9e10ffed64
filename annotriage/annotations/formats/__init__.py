"""One file a format; `listed.py` names them all."""
