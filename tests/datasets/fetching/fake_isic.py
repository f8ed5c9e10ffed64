"""The ISIC Archive as its API answers: pages with a cursor, links that are signed, licences as texts."""

import base64
import io
import json
from typing import Any
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from tests.datasets.fetching.http_server import Answer, LoopbackServer, Request

PAGE = 100
_LICENSES = ("CC-0", "CC-BY", "CC-BY-NC")


def picture(number: int) -> bytes:
    rng = np.random.default_rng(number)
    out = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(out, "JPEG")
    return out.getvalue()


class FakeArchive(LoopbackServer):
    """Images 1..count; those of even number are in collection 7."""

    def __init__(self, count: int, page: int = PAGE) -> None:
        super().__init__(self._answer)
        self.count = count
        self.page = page
        self.pictures = {f"ISIC_{k:07d}": picture(k) for k in range(1, count + 1)}
        self.api = self.url + "/api/v2/"

    def image_path(self, number: int) -> str:
        return f"/images/ISIC_{number:07d}.jpg"

    def record(self, number: int) -> dict[str, Any]:
        name = f"ISIC_{number:07d}"
        signed = urlencode({"Expires": "1790000000", "Signature": "abc~", "Key-Pair-Id": "K1"})
        full = {"url": f"{self.url}{self.image_path(number)}?{signed}", "size": len(self.pictures[name])}
        return {
            "isic_id": name,
            "public": True,
            "copyright_license": _LICENSES[number % 3],
            "attribution": "Anonymous" if number % 2 else 'Klinik Süd, "Haut"',
            "files": {"full": full, "thumbnail_256": {"url": full["url"], "size": 10}},
            "metadata": {
                "acquisition": {"pixels_x": 32, "pixels_y": 24, "image_type": "dermoscopic"},
                "clinical": {"sex": "female", "age_approx": 40 + number % 5} if number % 4 else {"lesion_id": "IL_1"},
            },
        }

    def _answer(self, request: Request) -> Answer:
        path = request.path
        if path.startswith("/images/"):
            if "Signature" not in request.query:
                return Answer(b"<Error><Code>AccessDenied</Code></Error>", 403, {"Content-Type": "application/xml"})
            return Answer(self.pictures[path.split("/")[2].split(".")[0]], 200, {"Content-Type": "image/jpeg"})
        if path == "/api/v2/images/search/":
            return self._search(request)
        if path == "/api/v2/images/search/size/":
            return _json({"size": sum(len(self.pictures[f"ISIC_{k:07d}"]) for k in self._matching(request))})
        if path == "/api/v2/collections/7/":
            return _json({"id": 7, "name": "Even ones", "public": True})
        if path.startswith("/api/v2/zip-download/license-file/"):
            return Answer(f"The text of {path.split('/')[-2]}".encode(), 200, {"Content-Type": "text/plain"})
        return _json({"detail": "Not Found"}, 404)

    def _matching(self, request: Request) -> list[int]:
        numbers = list(range(self.count, 0, -1))  # the newest first
        if request.query.get("collections") == "7":
            numbers = [number for number in numbers if number % 2 == 0]
        if request.query.get("query") == 'sex:female AND note:"a&b #1+2"':
            numbers = [number for number in numbers if number % 4]
        elif request.query.get("query"):
            numbers = []
        return numbers

    def _search(self, request: Request) -> Answer:
        if "(((" in request.query.get("query", ""):
            return _json({"message": "Could not parse search query"}, 400)
        numbers = self._matching(request)
        cursor = request.query.get("cursor")
        start = int(base64.b64decode(cursor).decode().removeprefix("o=")) if cursor else 0
        limit = min(int(request.query.get("limit", self.page)), self.page)
        following = None
        if start + limit < len(numbers):
            query = request.query | {"cursor": base64.b64encode(f"o={start + limit}".encode()).decode()}
            following = f"{self.api}images/search/?{urlencode(sorted(query.items()))}"
        return _json(
            {
                "count": None if cursor else len(numbers),
                "next": following,
                "previous": None,
                "results": [self.record(number) for number in numbers[start : start + limit]],
            }
        )


def _json(content: object, status: int = 200) -> Answer:
    return Answer(json.dumps(content).encode(), status, {"Content-Type": "application/json; charset=utf-8"})
