"""A document as one HTML file: figures inside it, nothing fetched, no script."""

import base64
from html import escape

from annotriage.comparison.reports.document import Document, FigureBlock, Heading, Paragraph, TableBlock
from annotriage.comparison.reports.drawing import as_svg

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
h1, h2, p, figcaption, caption, th, td { overflow-wrap: anywhere; }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; background: white; }
figcaption, caption { font-size: .875rem; opacity: .8; text-align: left; caption-side: bottom; padding-top: .5rem; }
.wide { margin: 1.5rem 0; overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9375rem; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid #8886; text-align: right; min-width: 3.5em; }
th:first-child, td:first-child { text-align: left; min-width: 8em; }
.caution { border-left: 4px solid #d55e00; padding-left: 1rem; }
@media print {
  :root { color-scheme: light; }
  @page { margin: 15mm; }
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; }
  .wide { overflow: visible; }
  table { width: 100%; font-size: 8pt; }
  th, td { padding: .15rem .25rem; min-width: 0; }
  th:first-child, td:first-child { min-width: 0; }
  thead { display: table-header-group; }
  h1, h2 { break-after: avoid; }
  tr, figure, .caution { break-inside: avoid; }
}
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
        f'<div class="wide"><table id="{escape(table.label)}"><caption>{escape(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _figure(block: FigureBlock) -> str:
    data = base64.b64encode(as_svg(block.draw())).decode()
    caption = escape(block.caption)
    return (
        f'<figure id="{escape(block.label)}"><img src="data:image/svg+xml;base64,{data}" alt="{caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
