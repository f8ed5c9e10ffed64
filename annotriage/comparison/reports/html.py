"""A document as one HTML file: figures inside it, nothing fetched, no script."""

import base64
import io
from html import escape

from annotriage.comparison.reports.document import Document, FigureBlock, Heading, Paragraph, TableBlock

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
figure { margin: 1.5rem 0; overflow-x: auto; }
figure img { max-width: 100%; background: white; }
figcaption, caption { font-size: .875rem; opacity: .8; text-align: left; caption-side: bottom; padding-top: .5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
table { margin: 1.5rem 0; display: block; overflow-x: auto; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #8886; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.caution { border-left: 4px solid #d55e00; padding-left: 1rem; }
"""


def as_html(document: Document) -> bytes:
    """Write a document as an HTML file."""
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(document.title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{escape(document.title)}</h1>",
    ]
    for block in document.blocks:
        if isinstance(block, Heading):
            parts.append(f"<h2>{escape(block.text)}</h2>")
        elif isinstance(block, Paragraph) and block.caution:
            parts.append(f'<p class="caution"><strong>Caution.</strong> {escape(block.text)}</p>')
        elif isinstance(block, Paragraph):
            parts.append(f"<p>{escape(block.text)}</p>")
        elif isinstance(block, TableBlock):
            parts.append(_table(block))
        elif isinstance(block, FigureBlock):
            parts.append(_figure(block))
    parts.append("</body></html>\n")
    return "\n".join(parts).encode()


def _table(table: TableBlock) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.columns)
    rows = [
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in table.rows
    ]
    return (
        f'<table id="{escape(table.label)}"><caption>{escape(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _figure(block: FigureBlock) -> str:
    out = io.BytesIO()
    block.draw().savefig(out, format="png", dpi=160)
    data = base64.b64encode(out.getvalue()).decode()
    caption = escape(block.caption)
    return (
        f'<figure id="{escape(block.label)}"><img src="data:image/png;base64,{data}" alt="{caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
