"""What is said of a command line that cannot be understood: one sentence in plain text, as of all errors."""

from typing import Any

_PREFIXES = ("Invalid value: ", "Usage error: ")


def usage_sentence(error: Any) -> str:
    """Say what is wrong with a command line, where, and what to do.

    Parameters
    ----------
    error : click.exceptions.ClickException
        Typer's own class of that name: which module it is in depends on typer's version.
    """
    said = " ".join(error.format_message().split())
    for prefix in _PREFIXES:
        said = said.removeprefix(prefix)
    if said.startswith("Invalid value for "):
        option, _, why = said.removeprefix("Invalid value for ").partition(": ")
        said = f"{option.strip(chr(39))}: {why}"
    said = said.rstrip(".?! ") + ("?" if said.endswith("?") else ".")
    context = getattr(error, "ctx", None)
    if context is None:
        return said
    return f"{said} `{context.command_path} --help` says what can be written there."


def is_wish_for_help(error: Exception) -> bool:
    """Tell whether nothing was given where something must be: the help says what."""
    return type(error).__name__ == "NoArgsIsHelpError"
