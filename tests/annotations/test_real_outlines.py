"""Outlines of real lesions in each tool's format: the area is that of the tool's own rasteriser within 0.2 %."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pycocotools.mask as coco
import pytest
import skimage.draw
from numpy.typing import NDArray

from tests.annotations import test_cvat, test_labelme, test_qupath, test_supervisely, test_via
from tests.annotations.exports import Inside, only, pixels, written
from tests.annotations.test_borders import by_pillow, real_outlines

Line = NDArray[np.float64]
Size = tuple[int, int]


def of_labelme(line: Line, size: Size) -> tuple[str, Any, Inside]:
    shape = test_labelme.shape("polygon", line.tolist())
    document = test_labelme.document(shape, imageHeight=size[0], imageWidth=size[1])
    return "a.json", document, by_pillow([(x, y) for x, y in line.tolist()], size)


def of_cvat(line: Line, size: Size) -> tuple[str, Any, Inside]:
    points = ";".join(f"{x:.2f},{y:.2f}" for x, y in line.tolist())
    image = f'<image name="a.jpg" width="{size[1]}" height="{size[0]}"><polygon label="a" points="{points}"/></image>'
    encoded = coco.merge(coco.frPyObjects([line.round(2).ravel().tolist()], *size))
    return "a.xml", test_cvat.export(image), coco.decode(encoded) > 0


def of_via(line: Line, size: Size) -> tuple[str, Any, Inside]:
    x, y = np.floor(line).astype(int).T
    shape = {"name": "polygon", "all_points_x": x.tolist(), "all_points_y": y.tolist()}
    inside = np.zeros(size, dtype=bool)
    inside[skimage.draw.polygon(y, x, size)] = True
    return "a.json", test_via.export(test_via.image("a.jpg", shape)), inside


def of_qupath(line: Line, size: Size) -> tuple[str, Any, Inside]:
    ring = line.round(2).tolist()
    feature = test_qupath.feature("Polygon", [[*ring, ring[0]]])
    # Java, too, marks the pixels whose centres lie inside.
    inside = skimage.draw.polygon2mask(size, line.round(2)[:, ::-1] - 0.5)
    return "a.geojson", test_qupath.collection(feature), inside


def of_supervisely(line: Line, size: Size) -> tuple[str, Any, Inside]:
    corners = np.floor(line).astype(np.int32)
    made = test_supervisely.made("polygon", **test_supervisely.outline(corners.tolist()))
    inside = np.zeros(size, np.uint8)
    cv2.fillPoly(inside, [corners], (1,))
    document = test_supervisely.document(made) | {"size": {"height": size[0], "width": size[1]}}
    return "a.jpg.json", document, inside > 0


@pytest.mark.slow
@pytest.mark.parametrize("of_tool", [of_labelme, of_cvat, of_via, of_qupath, of_supervisely])
def test_the_area_is_what_the_tool_makes_of_it(
    shared_data: Path, tmp_path: Path, of_tool: Callable[[Line, Size], tuple[str, Any, Inside]]
) -> None:
    for line, size in real_outlines(shared_data, 1.0):
        name, document, theirs = of_tool(line, size)
        ours = pixels(only(written(tmp_path / name, document)), size=size)
        if theirs.sum() > 5000:  # in a smaller one a few pixels are more than that
            assert abs(int(ours.sum()) - int(theirs.sum())) <= 0.002 * theirs.sum()
            assert (ours != theirs).sum() <= 0.005 * theirs.sum()
