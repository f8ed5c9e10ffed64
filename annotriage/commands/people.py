"""`annotriage people`: who draws otherwise than the others, who agrees with whom, and what tools do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotriage.commands.console import messages_console, say
from annotriage.commands.files import check_outputs, existing_paths, existing_table, file_ending_in, report_file

if TYPE_CHECKING:
    from rich.console import Console

    from annotriage.agreement.mask_set import MaskSet
    from annotriage.agreement.people.drawn import Drawn
    from annotriage.comparison.people.results import Team

_STOPPED = 130
_FEWEST, _FEWEST_ALLOWED = 10, 3

_EPILOG = """Examples:

annotriage people masks

annotriage people masks.csv --letters --report people.html

annotriage people --pairs pairs.csv --min-images 20

annotriage people masks --feedback alice --images images --out alice.pdf"""


def register(app: typer.Typer) -> None:
    """Add the verb to the program."""
    app.command("people", epilog=_EPILOG)(people)


def _sheet_file(path: Path | None) -> Path | None:
    return file_ending_in(".pdf", ".html")(path)


def people(
    masks: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MASKS...]",
            callback=existing_paths,
            help="A folder for each annotator, or one folder, or a table (CSV, XLSX) of image, annotator, mask; its "
            "columns tool, skill_level and finished are read, too.",
            show_default=False,
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=existing_table,
            help="In place of masks, a table of pairs, as annotriage agree --pairs writes it: agreement only.",
        ),
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="How the masks are named, as for annotriage agree."),
    ] = None,
    tasks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=existing_table, help="Label Studio's export of the tasks, as for annotriage agree."
        ),
    ] = None,
    letters: Annotated[
        bool, typer.Option("--letters", help="Put letters in the place of names; which is whose is said on stderr.")
    ] = False,
    min_images: Annotated[
        int,
        typer.Option(
            metavar="N", min=_FEWEST_ALLOWED, help="Images that a person must share with others to be compared."
        ),
    ] = _FEWEST,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=report_file, help="Write a report: .html (one file), .pdf, .tex (tables) or .json."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    feedback: Annotated[
        str | None,
        typer.Option(metavar="ANNOTATOR", help="Make a feedback sheet for one annotator; needs --out."),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=existing_paths,
            help="The folder of the photographs: for a feedback sheet, and "
            "for exports of tools that do not say how large they are.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", callback=_sheet_file, help="The feedback sheet: .pdf, or .html.")
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Call the others by their names on the sheet, in place of letters.")
    ] = False,
    resample: Annotated[
        bool, typer.Option("--resample", help="Bring masks of one image that have different sizes to the largest.")
    ] = False,
    label: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="Which label to measure in masks of several, as for annotriage agree."),
    ] = None,
    keep_consensus: Annotated[
        bool,
        typer.Option("--keep-consensus", help="Count masks by ST, MV, staple, ... as if people had drawn them."),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processor cores to use.", show_default="all")
    ] = None,
) -> None:
    """Compare annotators fairly: size, border, agreement, change over time, each with its interval.

    Corrected for the images that each was given, and for tools where they are known. Nobody is ranked. Exit code 2: who
    drew what can be read in several ways; choose one with --pattern or --label.
    """
    from annotriage.comparison.libraries import need_libraries

    _check(masks, pairs, feedback, out, names)
    check_outputs({"--report": report, "--out": out}, [*(masks or []), pairs, tasks, images])
    need_libraries()
    messages = messages_console()
    if pairs is not None:
        from annotriage.agreement.people.measuring_people import read_pairs

        _show(_team(read_pairs(pairs, keep_consensus=keep_consensus), min_images, letters), report, as_json)
        return
    from annotriage.commands.found_masks import look_for_masks

    found, label = look_for_masks(
        messages, masks or [], pattern=pattern, tasks=tasks, images=images, label=label, keep_consensus=keep_consensus
    )
    drawn = _drawn(found, masks or [], messages, resample=resample, label=label, jobs=jobs)
    if feedback is None:
        _show(_team(drawn, min_images, letters), report, as_json)
        return
    from annotriage.agreement.photographs import Photographs
    from annotriage.comparison.feedback import feedback_sheet
    from annotriage.comparison.reports.report import write_document

    assert out is not None
    photographs = Photographs([images] if images else [], [row.path for row in found.rows if row.used])
    sheet = feedback_sheet(
        drawn, found, feedback, photographs, least=min_images, lettered=not names, resample=resample, label=label,
        threads=jobs,
    )  # fmt: skip
    write_document(sheet, out)
    say(f"Written: {out}", err=True)


def _check(masks: list[Path] | None, pairs: Path | None, feedback: str | None, out: Path | None, names: bool) -> None:
    """Refuse what does not go together."""
    if bool(masks) == (pairs is not None):
        raise typer.BadParameter("Name masks, or a table of pairs with --pairs: one of the two.")
    if (feedback is None) != (out is None):
        raise typer.BadParameter("--feedback and --out go together: for whom the sheet is, and where it goes.")
    if feedback is None and names:
        raise typer.BadParameter("--names belongs to a feedback sheet: add --feedback ANNOTATOR.")
    if feedback is not None and pairs is not None:
        raise typer.BadParameter("A feedback sheet shows outlines, of which a table of pairs has none: name the masks.")


def _drawn(
    found: "MaskSet", masks: list[Path], messages: "Console", *, resample: bool, label: str | None, jobs: int | None
) -> "Drawn":
    from annotriage.agreement.people.mask_facts import KnownFacts
    from annotriage.agreement.people.measuring_people import Gathering, measure_people
    from annotriage.commands.progress import progress

    gathering = Gathering(KnownFacts(masks))
    work = measure_people(found, gathering.facts, resample=resample, label=label, threads=jobs)
    try:
        with progress(messages, "Measuring", len(found.images)) as advance:
            for image in work:
                gathering.add(image)
                advance()
    except KeyboardInterrupt:
        work.close()
        messages.print("Stopped. Nothing was written.")
        raise typer.Exit(_STOPPED) from None
    return gathering.done()


def _team(drawn: "Drawn", least: int, lettered: bool) -> "Team":
    from annotriage.agreement.people.drawn import letters
    from annotriage.comparison.people.team import compare_people

    team = compare_people(drawn, least=least, lettered=lettered)
    if lettered:  # not in what is passed on
        key = sorted(letters(drawn.people()).items(), key=lambda each: (len(each[1]), each[1]))
        say("Letters: " + ", ".join(f"{letter} is {name}" for name, letter in key) + ".", err=True)
    return team


def _show(team: "Team", report: Path | None, as_json: bool) -> None:
    from annotriage.comparison.reports.report import as_json as json_of
    from annotriage.comparison.reports.report import document_of, write_report
    from annotriage.comparison.reports.text import as_text
    from annotriage.json_text import json_page

    document = document_of(team)
    say(json_page(json_of(team, document)) if as_json else as_text(document), nl=as_json)
    if report is not None:
        write_report(team, report)
        say(f"Written: {report}", err=True)
