r"""A document's tables and figures as LaTeX (booktabs, graphicx), to be taken into a paper by ``\input``."""

import re

from annotriage.comparison.explained.document import Document, FigureBlock, Heading, Paragraph
from annotriage.comparison.explained.explained import Explained
from annotriage.comparison.explained.table import TableBlock
from annotriage.comparison.reports.drawing import pages_as_pdf
from annotriage.comparison.reports.figures import drawn
from annotriage.comparison.reports.text import told

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "<": r"$<$", ">": r"$>$",
    "−": r"$-$", "χ": r"$\chi$", "²": r"$^2$", "≥": r"$\ge$", "≤": r"$\le$", "×": r"$\times$", '"': r"\textquotedbl{}",
}  # fmt: skip


def as_latex(document: Document, figures: str = "") -> bytes:
    """Write tables and figures, each with caption and label; tests in words, cautions and notes as comments.

    Parameters
    ----------
    document : Document
    figures : str
        The folder of `figure_files`, beside the file; figures are left out where there is none.
    """
    parts = [
        _comment(document.title),
        r"% Needs \usepackage{booktabs} and \usepackage{graphicx}; figures lie in the folder beside this file.",
    ]
    for block in document.flat():
        if isinstance(block, Heading | Paragraph):
            caution = "Caution: " if isinstance(block, Paragraph) and block.caution else ""
            parts.append(_comment(f"{caution}{block.text}"))
        elif isinstance(block, Explained):
            parts += [_comment(line) for line in (block.title, *told(block))]
        elif isinstance(block, TableBlock):
            parts.append(_table(block))
        elif figures:
            parts.append(_figure(block, f"{figures}/{block.label}.pdf"))
    return ("\n".join(parts) + "\n").encode()


def figure_files(document: Document) -> dict[str, bytes]:
    """Return a document's figures as PDF, by the names that `as_latex` gives them."""
    blocks = [block for block in document.flat() if isinstance(block, FigureBlock)]
    return {f"{block.label}.pdf": pages_as_pdf([drawn(block.draw())], block.caption) for block in blocks}


def escaped(text: str) -> str:
    """Return text in which LaTeX's own signs stand for themselves, on one line."""
    return "".join(_SPECIAL.get(letter, letter) for letter in _one_line(text))


def _one_line(text: str) -> str:
    # What breaks a line would end a comment, and what follows would be read as commands.
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _comment(text: str) -> str:
    return f"% {_one_line(text)}"


def _caption(text: str) -> str:
    """Return a caption without 'Table 2.' before it: LaTeX counts by itself."""
    own = re.sub(r"^(Table|Figure) \d+[.,] ", "", text)
    return escaped(own[:1].upper() + own[1:])


def _figure(block: FigureBlock, file: str) -> str:
    return "\n".join(
        [
            r"\begin{figure}[tbp]",
            r"  \centering",
            rf"  \includegraphics[width=\linewidth]{{{file}}}",
            rf"  \caption{{{_caption(block.caption)}}}",
            rf"  \label{{fig:{block.label}}}",
            r"\end{figure}",
        ]
    )


def _table(table: TableBlock) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "    " + " & ".join(map(escaped, cells)) + r" \\"

    return "\n".join(
        [
            r"\begin{table}[tbp]",
            r"  \centering",
            rf"  \caption{{{_caption(table.caption)}}}",
            rf"  \label{{tab:{table.label}}}",
            r"  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"  \begin{{tabular}}{{l{'r' * (len(table.columns) - 1)}}}",
            r"    \toprule",
            line(table.columns),
            r"    \midrule",
            *map(line, table.rows),
            r"    \bottomrule",
            r"  \end{tabular}}",
            r"\end{table}",
        ]
    )
