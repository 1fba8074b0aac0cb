"""docs/add-a-capability.md is true: what stands there is done in a copy of the project, and its tests pass there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bot.database import newest_revision
from bot.settings import ROOT

DOCUMENT = ROOT / "docs" / "add-a-capability.md"
SECTION = re.compile(r"^## \d+\. [^`\n]*`([^`]+)`([^\n]*)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"```(\w+)\n(.*?)\n```", re.DOTALL)


def sections() -> list[tuple[str, bool, list[tuple[str, str]]]]:
    """Of each numbered section: its file, whether the file is new, and its blocks with their languages."""
    found = SECTION.findall(DOCUMENT.read_text())
    return [(path, "(new" in more, BLOCK.findall(body)) for path, more, body in found]


def done_in(project: Path) -> None:
    for path, new, blocks in sections():
        file = project / path
        assert file.exists() is not new or path.startswith("bot/migrations"), f"{path}: is it new?"
        for language, words in blocks:
            match language:
                case "python":
                    file.write_text(words + "\n")
                case "po":
                    file.write_text(f"{file.read_text().rstrip()}\n\n{words}\n")
                case "diff":
                    lines = words.split("\n")
                    before = "\n".join(line[1:] for line in lines if line[:1] != "+")
                    after = "\n".join(line[1:] for line in lines)
                    assert file.read_text().count(before) == 1, f"{path}: {before!r} does not stand there once"
                    file.write_text(file.read_text().replace(before, after))
        if path.startswith("bot/migrations"):
            made = run(project, "-m", "bot.migrations.new", "tips")
            assert made.startswith(path), "the document names another file than is written"


def run(project: Path, *command: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"
    }  # those are of our run
    done = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_document_is_true(tmp_path: Path) -> None:
    project = tmp_path / "jalin"
    # the bytecode comes along: all would be compiled anew else
    away = shutil.ignore_patterns(".git", ".venv*", ".*_cache", ".env", "data", "screenshots")
    shutil.copytree(ROOT, project, ignore=away)
    done_in(project)
    number = f"{int(newest_revision()) + 1:04}"
    assert (project / "bot" / "migrations" / "versions" / f"{number}_tips.py").exists()
    changed = [path for path, _, _ in sections() if path.endswith(".py")]
    run(project, "-m", "ruff", "check", "--quiet", *changed)
    run(project, "-m", "ruff", "format", "--check", "--quiet", *changed)
    assert "    make keys\n" in DOCUMENT.read_text()
    run(project, "-m", "tests.source_reading")
    run(project, "-m", "bot", "check")
    mine = ["tests/test_tips.py", "tests/test_capabilities.py", "-k", "tip or belongs or erased_in or menus"]
    said = run(project, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not postgresql", *mine)
    assert "100%" in said
    touched = [path for path, new, _ in sections() if not new]
    assert len(touched) == 4
