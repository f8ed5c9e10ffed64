"""Ways of drawing: with which tools the two people of a pair outline a lesion, which decides most of their agreement.

The keys stand in model cards, tables, the store and settings; the words are what people read.
"""

MIXED = "mixed"
"""All labelled images together, whoever drew them with whatever: what is answered where the way is not known."""

WAYS: dict[str, str] = {
    "hand": "by hand",
    "fill": "semi-automatic (flood fill)",
    "corrected": "automatic, corrected",
    "hand_fill": "by hand and flood fill",
    "hand_corrected": "by hand and automatic, corrected",
    "fill_corrected": "flood fill and automatic, corrected",
    MIXED: "mixed or unknown",
}
"""Key -> words. The first three: everybody draws so. The next three: one of a pair draws so, the other so."""

_TOOLS = {"T1": "hand", "T2": "fill", "T3": "corrected"}
"""What IMA++ calls its tools (Abhishek, Kawahara, Hamarneh 2025, arXiv 2512.21472)."""
_ALIKE = {"fill": "fill", "flood fill": "fill", "hand": "hand", "manual": "hand", "corrected": "corrected"}
_ORDER = ("hand", "fill", "corrected")


def tool_of(name: str) -> str | None:
    """Return ``hand``, ``fill`` or ``corrected`` for the name of a tool as tables have it; None: not one of these."""
    return _TOOLS.get(name.strip().upper()) or _ALIKE.get(name.strip().casefold())


def way_of_pair(first: str, second: str) -> str | None:
    """Return the key of the way in which a pair drew, by the names of their tools; None: one of them is not known."""
    tools = {tool_of(first), tool_of(second)}
    if None in tools:
        return None
    return "_".join(tool for tool in _ORDER if tool in tools)
