"""What Label Studio's exports have in common: tasks, who annotated them, brush masks, outlines in per cent."""
