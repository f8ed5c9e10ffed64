"""Write the guide's page of commands from the commands themselves: `python -m guide.commands`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "resources" / "guide" / "commands.md"

_HEAD = """# All commands

The same program is the window and the command line: `annotriage` opens the window, `annotriage COMMAND` does one thing.
`annotriage COMMAND --help` prints what stands here. This page is written from the commands themselves.

Exit codes: 0 all done, 1 failed (a sentence says why), 2 wrong usage, 3 done but something could not be read, 130
stopped (what was done is kept).
"""


def page() -> str:
    """Return the page, in Markdown."""
    from typer.main import get_command

    from annotriage.commands.app import app

    parts = [_HEAD]
    for name, command in _shown(get_command(app)):
        parts += _part(command, f"annotriage {name}", 2)
    return "\n".join(parts).rstrip() + "\n"


def _shown(group: Any) -> Iterator[tuple[str, Any]]:
    """Yield the commands of a group that are not hidden."""
    for name, command in group.commands.items():
        if not command.hidden:
            yield name, command


def _part(command: Any, name: str, level: int) -> list[str]:
    lines = [f"{'#' * level} {name}", "", _plain(command.help), ""]
    if hasattr(command, "commands"):
        for verb, each in _shown(command):
            lines += _part(each, f"{name} {verb}", level + 1)
        return lines
    given = [each for each in command.params if each.name != "help" and not getattr(each, "hidden", False)]
    arguments = [each for each in given if each.param_type_name == "argument"]
    usage = " ".join([name, *(_metavar(each) for each in arguments), "[OPTIONS]"])
    lines += [f"`{usage}`", ""]
    if given:
        lines += ["| given | meaning |", "| --- | --- |", *(_row(each) for each in given), ""]
    examples = [line for line in _plain(command.epilog).splitlines() if line.startswith("annotriage ")]
    if examples:
        lines += ["Examples:", "", *(f"    {line}" for line in examples), ""]
    return lines


def _row(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    called = ", ".join(f"`{opt}`" for opt in parameter.opts) if is_option else f"`{_metavar(parameter)}`"
    if is_option and parameter.metavar and not getattr(parameter, "is_flag", False):
        called += f" {_plain(parameter.metavar)}"
    said = _plain(parameter.help)
    default = parameter.default
    if parameter.required:
        said += " Needed." if is_option else ""
    elif isinstance(default, int | float | str) and not isinstance(default, bool) and default != "":
        said += f" Without it: {default}."
    return f"| {called} | {said} |"


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _plain(text: str | None) -> str:
    """Take rich's markup out of a text, and what would end a cell of a table."""
    found = re.sub(r"\[/?(bold|italic|dim|green|red|yellow|cyan)\]", "", text or "").strip()
    return found.replace("\f", "").replace("|", "\\|").replace("<", "\\<")


def main() -> None:
    """Write the page."""
    from annotriage.writing import write_whole

    write_whole(PAGE, page().encode())
    print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
