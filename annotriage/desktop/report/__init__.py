"""The session on paper: a PDF with the summary, the histogram and the most contentious images."""
