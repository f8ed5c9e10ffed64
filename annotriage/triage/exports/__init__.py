"""What leaves a review: lists, Label Studio tasks, folders of images."""

from annotriage.triage.exports.image_folder import ImageFolderReport, write_image_folder
from annotriage.triage.exports.label_studio import labeling_config, write_label_studio
from annotriage.triage.exports.lists import write_list
from annotriage.triage.exports.reviewed import ReviewedImage, reviewed_images

__all__ = [
    "ImageFolderReport",
    "ReviewedImage",
    "labeling_config",
    "reviewed_images",
    "write_image_folder",
    "write_label_studio",
    "write_list",
]
