"""All formats that are read. To add one: its file here beside, and its line."""

from annotriage.annotations.format import AnnotationFormat
from annotriage.annotations.formats.coco import COCO
from annotriage.annotations.formats.label_studio import LABEL_STUDIO
from annotriage.annotations.formats.label_studio_csv import LABEL_STUDIO_CSV
from annotriage.annotations.formats.label_studio_min import LABEL_STUDIO_MIN

FORMATS: tuple[AnnotationFormat, ...] = (
    LABEL_STUDIO,
    LABEL_STUDIO_MIN,
    LABEL_STUDIO_CSV,
    COCO,
)
