"""A table of all questions for the terminal: how often asked, how many right at the first try, which option misleads
most."""

from __future__ import annotations

from datetime import datetime

from bot.catalogue.content import Content
from bot.database import Database
from bot.programme import quizzes
from bot.programme.quizzes import FEW, told

HEAD = ("question", "asked", "first tries", "right", "most often fooled by")


def run_quiz_report(database: Database, content: Content, now: datetime) -> tuple[int, list[str]]:
    """Returns the lines of the table, and an exit code of 0. Numbers of people below FEW are hidden, and so are shares
    of so few."""
    with database.transaction() as db:
        reports = quizzes.question_reports(db, content)
        gain = quizzes.gain(db)
        kept = quizzes.kept(db, content)
    lines = _table([HEAD, *(_row(one, content) for one in reports)]) if reports else ["No question was asked yet."]
    lines += ["", f"{now:%Y-%m-%d %H:%M} UTC. Tests left out; a number below {FEW} is shown as <{FEW}."]
    right = f"{kept.right / kept.answered:.0%}" if kept.answered >= FEW else "-"
    lines.append(f"Kept after the last repeat: {right} right (n {told(kept.answered)}).")
    if gain is None or gain.people < FEW:
        lines.append(f"Before and after: n {told(gain.people if gain else 0)}, too few to tell.")
    else:
        points = round((gain.after - gain.before) * 100)
        change = f"{points:+d} points"
        lines.append(f"Before and after: {gain.before:.0%} -> {gain.after:.0%}, {change} (n {gain.people}, took both).")
    return 0, lines


def _row(one: quizzes.QuestionReport, content: Content) -> tuple[str, ...]:
    share, fools = "-", "-"
    if one.first >= FEW:
        share = f"{one.first_right / one.first:.0%}"
        question = content.question(one.question_id)
        if question is not None and one.fools is not None and one.fools < len(question.options):
            fools = f"{question.options[one.fools]} ({told(one.fooled)})"
    return one.question_id, told(one.asked), told(one.first), share, fools


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    return [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1])) for row in rows
    ]
