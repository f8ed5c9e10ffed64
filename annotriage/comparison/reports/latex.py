r"""A document's tables as LaTeX (booktabs), to be taken into a paper by ``\input``."""

from annotriage.comparison.reports.document import Document, Heading, Paragraph, TableBlock

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "<": r"$<$", ">": r"$>$",
}  # fmt: skip


def as_latex(document: Document) -> bytes:
    """Write the tables, each as a ``table`` with caption and label; cautions and notes as comments above the next."""
    parts = [f"% {document.title}", "% Needs \\usepackage{booktabs} and \\usepackage{graphicx}."]
    for block in document.blocks:
        if isinstance(block, Heading | Paragraph):
            caution = "Caution: " if isinstance(block, Paragraph) and block.caution else ""
            parts.append(f"% {caution}{block.text}")
        elif isinstance(block, TableBlock):
            parts.append(_table(block))
    return ("\n".join(parts) + "\n").encode()


def escaped(text: str) -> str:
    """Return text in which LaTeX's own signs stand for themselves."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _table(table: TableBlock) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "    " + " & ".join(map(escaped, cells)) + r" \\"

    return "\n".join(
        [
            r"\begin{table}[tbp]",
            r"  \centering",
            rf"  \caption{{{escaped(table.caption)}}}",
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
