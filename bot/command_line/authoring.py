"""The commands for those who write content and words: `check`, `understand`, `report reading`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.command_line.parts import of_sandbox_unless_named, settings_of_chat, stop_with
from bot.settings import ROOT, SettingsError, read_settings


def check(
    mistakes: Annotated[bool, typer.Option("--only-mistakes", help="Leave out all else.")] = False,
) -> None:
    """Check content and words: what would go wrong in front of people is refused here, with file and line. Also says
    what admins set in the chat in place of content/, by the database that the settings name."""
    from bot.catalogue.check import examine

    findings = examine(ROOT)
    for warning in () if mistakes else findings.warnings:
        print(f"{warning} (a warning)")
    for problem in findings.problems:
        print(problem)
    if findings.problems:
        print(f"{len(findings.problems)} to put right.")
        raise typer.Exit(1)
    if not mistakes:
        _tell_settings_of_chat()


def _tell_settings_of_chat() -> None:
    """Prints what the database sets in place of content/; nothing if there is no database to ask."""
    from bot.catalogue.content import load_content

    try:
        settings = read_settings()
    except SettingsError:  # `check` needs none; the bot itself says what is wrong with them
        return
    for line in settings_of_chat(of_sandbox_unless_named(settings), load_content(ROOT / "content")):
        print(line)


def understand(
    text: Annotated[str | None, typer.Argument(help="What somebody types")] = None,
    context: Annotated[str, typer.Option(help="What the bot asked last: none, reminder, offer, quiz ...")] = "none",
    csv: Annotated[Path | None, typer.Option("--csv", help="A file of id,context,text instead")] = None,
) -> None:
    """Print what a typed message is taken to mean and what the bot would do. Needs no token, database or network."""
    from bot.catalogue.understanding_file import load_phrasebook
    from bot.catalogue.yaml_files import ContentError
    from bot.understanding.intents import CONTEXTS
    from bot.understanding.told import told, told_csv
    from bot.understanding.understand import Understanding

    if (text is None) == (csv is None):
        stop_with("give either words or --csv FILE")
    if context not in CONTEXTS:
        stop_with(f"--context: there is no '{context}'; there are {', '.join(CONTEXTS)}")
    try:
        understanding = Understanding(load_phrasebook(ROOT / "content"))
        lines = told(understanding, text, context) if text is not None else told_csv(understanding, csv or Path())
        for line in lines:
            print(line)
    except (ContentError, ValueError) as problem:
        stop_with(str(problem))


def report_reading() -> None:
    """Print how long and how hard to read the lessons are, module by module (the content of docs/reading-level.md)."""
    from bot.catalogue.content import load_content
    from bot.reports.reading_level import reading_level

    print(reading_level(load_content(ROOT / "content")), end="")
