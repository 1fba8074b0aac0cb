"""Which version runs, and how the next one is made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.settings import ROOT
from bot.version import commit_of, full_version, version
from tests.release import PLACES, ReleaseError, release


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    return subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone with a changelog, a version and an image."""
    folder = tmp_path / "project"
    (folder / "deploy").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "0.2.0.dev0"\n')
    (folder / "deploy" / "Dockerfile").write_text('FROM x\nLABEL org.opencontainers.image.version="0.2.0.dev0"\n')
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- A thing.\n\n## 0.1.0\n\n- Old.\n")
    git(folder, "init", "--quiet")
    for name, value in (("user.name", "Tester"), ("user.email", "tester@example.org"), ("tag.gpgSign", "false")):
        git(folder, "config", name, value)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def test_the_number_and_the_commit_are_told() -> None:
    told = CliRunner().invoke(cli, ["--version"])
    assert (told.exit_code, told.output) == (0, f"{full_version()}\n")
    assert full_version().startswith(version())


def test_the_number_is_the_same_wherever_it_stands() -> None:
    for name, place in PLACES.items():
        found = place.search((ROOT / name).read_text())
        assert found is not None, name
        assert found["version"] == version(), name


def test_the_commit_is_read_of_a_clone_a_packed_one_and_a_work_tree(project: Path, tmp_path: Path) -> None:
    head = git(project, "rev-parse", "HEAD")
    assert commit_of(project) == head[:9]
    git(project, "pack-refs", "--all")
    assert commit_of(project) == head[:9]
    git(project, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "tree"))
    assert commit_of(tmp_path / "tree") == head[:9]
    git(project, "checkout", "--quiet", "--detach")
    assert commit_of(project) == head[:9]
    assert commit_of(tmp_path) is None


def test_a_release_is_a_section_a_number_a_commit_and_a_tag(project: Path) -> None:
    assert "git push" in release(project, "0.2.0", "2026-12-01")
    assert (project / "CHANGELOG.md").read_text() == (
        "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- A thing.\n\n## 0.1.0\n\n- Old.\n"
    )
    assert 'version = "0.2.0"' in (project / "pyproject.toml").read_text()
    assert 'version="0.2.0"' in (project / "deploy" / "Dockerfile").read_text()
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "describe") == "v0.2.0"


def test_what_is_no_release_changes_nothing(project: Path) -> None:
    for wrong, why in (("", "three numbers"), ("v1", "three numbers"), ("0.1.9", "newer")):
        with pytest.raises(ReleaseError, match=why):
            release(project, wrong, "2026-12-01")
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## 0.1.0\n")
    with pytest.raises(ReleaseError, match="commit first"):
        release(project, "0.2.0", "2026-12-01")
    git(project, "commit", "--quiet", "-a", "-m", "nothing")
    with pytest.raises(ReleaseError, match="nothing stands"):
        release(project, "0.2.0", "2026-12-01")
    git(project, "tag", "v0.2.0")
    with pytest.raises(ReleaseError, match="already"):
        release(project, "0.2.0", "2026-12-01")
    assert git(project, "status", "--porcelain") == ""
