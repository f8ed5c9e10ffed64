"""The text of a PDF that Qt wrote, page by page: enough of the format for that, and no more."""

import re
import zlib
from pathlib import Path


def page_texts(path: Path) -> list[str]:
    """Return the text of each page, a line for each piece that was drawn at once."""
    objects = {
        int(match[1]): match[2]
        for match in re.finditer(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", path.read_bytes(), re.DOTALL)
    }
    fonts = {
        number: _letters(_stream(objects[int(to_unicode[1])]))
        for number, body in objects.items()
        if b"/Type0" in body and (to_unicode := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\n", body)]
    assert pages and fonts
    texts = []
    for page in pages:
        contents = re.search(rb"/Contents (\d+) 0 R", page)
        assert contents is not None
        texts.append(_text(_stream(objects[int(contents[1])]), fonts))
    return texts


def page_size(path: Path) -> tuple[float, float]:
    """Return the width and height of the first page, in points."""
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", path.read_bytes())
    assert box is not None
    return float(box[1]), float(box[2])


def _stream(body: bytes) -> bytes:
    data = body.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(data) if b"/FlateDecode" in body.split(b"stream\n", 1)[0] else data


def _letters(to_unicode: bytes) -> dict[int, str]:
    letters = {}
    for part in re.findall(rb"beginbfchar\n(.*?)endbfchar", to_unicode, re.DOTALL):
        for glyph, text in re.findall(rb"<(\w+)> <(\w+)>", part):
            letters[int(glyph, 16)] = _utf16(text)
    for part in re.findall(rb"beginbfrange\n(.*?)endbfrange", to_unicode, re.DOTALL):
        for first, last, texts, text in re.findall(rb"<(\w+)> <(\w+)> (?:\[(.*?)\]|<(\w+)>)", part, re.DOTALL):
            for offset, each in enumerate(re.findall(rb"<(\w+)>", texts)):
                letters[int(first, 16) + offset] = _utf16(each)
            for offset in range(int(last, 16) - int(first, 16) + 1 if text else 0):
                letters[int(first, 16) + offset] = chr(int(text, 16) + offset)
    return letters


def _utf16(text: bytes) -> str:
    return bytes.fromhex(text.decode()).decode("utf-16-be")


def _text(content: bytes, fonts: dict[int, dict[int, str]]) -> str:
    lines = []
    for piece in re.findall(rb"BT\n(.*?)ET", content, re.DOTALL):
        line, letters = "", {}
        for font, glyphs in re.findall(rb"/F(\d+) \d+ Tf|<(\w+)> Tj", piece):
            if font:
                letters = fonts[int(font)]
            else:
                codes = (glyphs[at : at + 4] for at in range(0, len(glyphs), 4))
                line += "".join(letters.get(int(code, 16), "?") for code in codes)
        lines.append(line.replace("\t", " "))  # Qt takes the glyph of both for a tab
    return "\n".join(lines)
