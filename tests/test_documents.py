"""The Markdown files: what they link to is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.settings import ROOT

FOLDERS = (".github", "bot", "content", "deploy", "docs", "handlers", "locales", "tests")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])
_FENCED = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a document's headings, as GitHub makes them; of two alike the second ends in -1."""
    found: dict[str, int] = {}
    every = set[str]()
    for heading in re.findall(r"^#{1,6} +(.+)$", _FENCED.sub("", path.read_text()), re.MULTILINE):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip()
        anchor = re.sub(r"[^\w -]", "", words).replace(" ", "-").lower()
        every.add(f"{anchor}-{found[anchor]}" if anchor in found else anchor)
        found[anchor] = found.get(anchor, 0) + 1
    return frozenset(every)


def broken_links(path: Path) -> Iterator[str]:
    """The links inside the project that lead nowhere."""
    for link in _LINK.findall(re.sub(r"`[^`\n]*`", "", _FENCED.sub("", path.read_text()))):
        if re.match(r"[a-z][a-z+.-]*:", link):
            continue
        where, _, anchor = unquote(link).partition("#")
        target = (path.parent / where).resolve() if where else path
        if (
            not target.is_relative_to(ROOT.resolve())
            or not target.exists()
            or (anchor and (target.suffix != ".md" or anchor not in anchors(target)))
        ):
            yield link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert not list(broken_links(path))


def test_broken_links_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr(f"{__name__}.ROOT", project)
    (tmp_path / "outside.md").write_text("# Outside\n")
    page = project / "page.md"
    (project / "other.md").write_text("# To add ...\n\n## Twice\n\n## Twice\n\n```\n# no heading\n```\n")
    good = "[a](other.md) [b](other.md#to-add-) [c](other.md#twice-1) [d](#here) [e](https://example.org/x) `[f](g.md)`"
    page.write_text(f"# Here\n\n{good}\n\n```\n[in code](nowhere.md)\n```\n")
    assert list(broken_links(page)) == []
    bad = ["nowhere.md", "other.md#twice-2", "other.md#no-heading", "#there", "../outside.md"]
    page.write_text("# Here\n\n" + " ".join(f"[x]({link})" for link in bad) + "\n")
    assert list(broken_links(page)) == bad
