"""What leaves a review: lists, Label Studio tasks, folders of images, reports; see `formats` for what is offered."""
