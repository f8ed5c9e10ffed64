"""All formats that are read. To add one: its file here beside, and its line."""

from annotriage.annotations.format import AnnotationFormat

FORMATS: tuple[AnnotationFormat, ...] = ()
