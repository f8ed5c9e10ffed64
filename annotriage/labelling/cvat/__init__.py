"""CVAT: the function that its own client runs, and which frames deserve a second annotator."""
