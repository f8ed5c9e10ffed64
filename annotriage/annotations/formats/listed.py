"""All formats that are read. To add one: its file here beside, and its line."""

from annotriage.annotations.format import AnnotationFormat
from annotriage.annotations.formats.arrays import ARRAYS
from annotriage.annotations.formats.coco import COCO
from annotriage.annotations.formats.cvat import CVAT
from annotriage.annotations.formats.label_studio import LABEL_STUDIO
from annotriage.annotations.formats.label_studio_csv import LABEL_STUDIO_CSV
from annotriage.annotations.formats.label_studio_min import LABEL_STUDIO_MIN
from annotriage.annotations.formats.labelme import LABELME
from annotriage.annotations.formats.labelme_xml import LABELME_XML
from annotriage.annotations.formats.nifti import NIFTI
from annotriage.annotations.formats.qupath import QUPATH
from annotriage.annotations.formats.supervisely import SUPERVISELY
from annotriage.annotations.formats.via import VIA, VIA_TABLE
from annotriage.annotations.formats.via3 import VIA3

FORMATS: tuple[AnnotationFormat, ...] = (
    LABEL_STUDIO,
    LABEL_STUDIO_MIN,
    LABEL_STUDIO_CSV,
    COCO,
    CVAT,
    LABELME,
    LABELME_XML,
    SUPERVISELY,
    QUPATH,
    VIA,
    VIA3,
    VIA_TABLE,
    NIFTI,
    ARRAYS,
)
