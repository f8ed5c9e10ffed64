"""A comparison of models as a document."""

from collections.abc import Sequence

from annotriage.comparison.documents import distributions, errors, model_tests, triage
from annotriage.comparison.documents.blocks import versions_part
from annotriage.comparison.explained.document import Block, Document, Heading
from annotriage.comparison.results import Comparison


def comparison_document(found: Comparison, *, paper: bool = True, more: Sequence[Block] = ()) -> Document:
    """Lay a comparison out, in parts that are the tabs of the panel.

    Parameters
    ----------
    found : Comparison
    paper : bool
        Whether the paper's own numbers stand beside ours.
    more : sequence of Block
        Parts that others have to add, before the versions.
    """
    parts = (
        (errors.TITLE, errors.errors_part(found, paper=paper)),
        (model_tests.TITLE, model_tests.tests_part(found, paper=paper)),
        (distributions.TITLE, distributions.distributions_part(found)),
        (triage.TITLE, triage.triage_part(found)),
    )
    blocks: list[Block] = []
    for title, part in parts:
        blocks += [Heading(title, 1), *(model_tests.without_paper(block, paper) for block in part)]
    blocks += [*more, *versions_part(found.versions)]
    return Document(f"Comparison of {', '.join(found.models)}", tuple(blocks))
