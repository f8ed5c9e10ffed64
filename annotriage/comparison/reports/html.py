"""A document as one HTML file: figures inside it, nothing fetched, no script."""

import base64
from html import escape

from annotriage.comparison.explained.document import Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.reports.drawing import as_svg
from annotriage.comparison.reports.figures import drawn

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
h1, h2, h3, h4, p, dd, figcaption, caption, th, td { overflow-wrap: anywhere; }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; background: white; }
figcaption, caption { font-size: .875rem; opacity: .8; text-align: left; caption-side: bottom; padding-top: .5rem; }
.wide { margin: 1.5rem 0; overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9375rem; }
th, td { padding: .25rem .5rem; border-bottom: 1px solid #8886; text-align: right; min-width: 3.5em; }
th:first-child, td:first-child { text-align: left; min-width: 8em; }
.test { border: 1px solid #8886; border-radius: 4px; margin: 1rem 0; padding: 0 1rem; }
.test h4 { margin-bottom: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dd { margin: 0; }
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
  h1, h2, h3, h4 { break-after: avoid; }
  tr, figure, .test, .caution { break-inside: avoid; }
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
    for block in document.flat():
        if isinstance(block, Heading):
            parts.append(f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>")
        elif isinstance(block, Paragraph) and block.caution:
            parts.append(f'<p class="caution"><strong>Caution.</strong> {escape(block.text)}</p>')
        elif isinstance(block, Paragraph):
            parts.append(f"<p>{escape(block.text)}</p>")
        elif isinstance(block, TableBlock):
            parts.append(_table(block))
        elif isinstance(block, FigureBlock):
            parts.append(_figure(block))
        elif isinstance(block, Explained):
            parts.append(_test(block))
    parts.append("</body></html>\n")
    return "\n".join(parts).encode()


def _test(test: Explained) -> str:
    checks = "".join(
        f"<dt>{check.verdict}</dt><dd>{escape(check.assumption)} {escape(check.evidence)}</dd>" for check in test.checks
    )
    granted = f"<p>It takes for granted:</p><dl>{checks}</dl>" if checks else ""
    caution = f'<p class="caution"><strong>Caution.</strong> {escape(test.caution)}</p>' if test.caution else ""
    method = f"<p><small>Computed by {escape(test.method)}.</small></p>" if test.method else ""
    return (
        f'<section class="test"><h4>{escape(test.title)}</h4><p><small>{escape(test.asks)}</small></p>'
        f"<p>{escape(test.says)}</p>{granted}{caution}{method}</section>"
    )


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
    data = base64.b64encode(as_svg(drawn(block.draw()))).decode()
    caption = escape(block.caption)
    return (
        f'<figure id="{escape(block.label)}"><img src="data:image/svg+xml;base64,{data}" alt="{caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
