"""How statistics are written in sentences and tables; see `annotriage.wording` for all other numbers."""

import math

from annotriage.wording import UNKNOWN, decimal_text

LEVEL = 0.05


def p_text(p: float) -> str:
    """Return "p = 0.031", or "p < 0.001"."""
    if math.isnan(p):
        return "p unknown"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def p_cell(p: float | None) -> str:
    """Return a p-value for a table: "0.03125", or "5.2e-07" where digits would be lost; none is 0."""
    if p is None or math.isnan(p):
        return "-"
    if p < 1e-300:
        return "<1e-300"
    return f"{p:.5f}" if p >= 1e-4 else f"{p:.1e}"


def found_text(p: float, seen: str, unseen: str) -> str:
    """Say what a p-value means: `seen` below 5 %, else `unseen`."""
    if math.isnan(p):
        return f"It could not be computed ({p_text(p)})."
    return f"{seen if p < LEVEL else unseen} ({p_text(p)})."


def number_or_dash(value: float | None, digits: int = 4) -> str:
    """Return a number, or a dash where there is none."""
    return decimal_text(value, digits, unknown=UNKNOWN)


def with_sd(value: float | None, sd: float | None, digits: int = 4) -> str:
    """Return "0.0340 ± 0.0603"."""
    return number_or_dash(value, digits) + ("" if sd is None else f" ± {number_or_dash(sd, digits)}")


def signed(value: float, digits: int = 4) -> str:
    """Write a difference with its sign, as sentences hold it; in tables a plain minus stands, for spreadsheets."""
    return f"{value:+.{digits}f}".replace("-", "−")
