"""requirements.lock: exactly what constraints.txt says, of the files that are meant; and what `make audit` says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from bot.settings import ROOT
from tests.audit import HOLES, UNKNOWN, verdict


def pinned(name: str) -> dict[str, str]:
    """Package and version of each line."""
    lines = re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^ ;\\\s]+)", (ROOT / name).read_text())
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in lines}


def test_the_lock_says_what_the_constraints_say() -> None:
    lock, constraints = pinned("requirements.lock"), pinned("constraints.txt")
    assert len(lock) > 40
    assert {name: version for name, version in lock.items() if name in constraints} == {
        name: constraints[name] for name in lock if name in constraints
    }
    elsewhere = {name for name in lock if name not in constraints}
    markers = re.findall(r"(?m)^([A-Za-z0-9._-]+)==\S+ ; (.+?)(?: \\)?$", (ROOT / "requirements.lock").read_text())
    assert elsewhere <= {name for name, _ in markers}, "only what other systems and Pythons need"


def test_the_lock_holds_all_that_the_bot_runs_with() -> None:
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=]", one)[0]).lower() for one in needs}
    assert names <= set(pinned("requirements.lock"))


def test_each_package_has_the_hashes_of_its_files() -> None:
    text = (ROOT / "requirements.lock").read_text()
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block.splitlines()[0]


def test_an_audit_names_holes_and_says_what_it_could_not_look_up() -> None:
    well = {"name": "a", "version": "1", "vulns": []}
    hole = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
    away = {"name": "c", "skip_reason": "Dependency not found"}
    assert verdict([well]) == (0, ["1 packages looked up, 0 known holes."])
    assert verdict([well, hole, away])[0] == HOLES
    assert verdict([well, hole])[1][0] == "b 2: CVE-1, put right in 3"
    status, lines = verdict([well, away])
    assert (status, lines[-1]) == (UNKNOWN, "COULD NOT LOOK UP 1 packages: c. Nothing is known of them.")
    assert verdict([])[0] == UNKNOWN


# --- CI ---------------------------------------------------------------------------------------------------------------


def test_ci_runs_on_each_python_on_push_and_every_week() -> None:
    found = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    when = found[True]  # YAML reads `on` as true
    assert {"push", "pull_request", "schedule"} <= set(when)
    (job,) = found["jobs"].values()
    script = (ROOT / ".ci" / "run").read_text()
    supported = re.search(r"for version in ((?:3\.\d+ ?)+);", script)
    assert supported
    assert job["strategy"]["matrix"]["python"] == supported[1].split()
    assert any(step.get("run") == "bash .ci/run" for step in job["steps"])


def test_the_images_whose_digests_are_looked_up_are_those_that_are_used(tmp_path: Path) -> None:
    images = set(re.findall(r'(?m)^images="([^"]+)"', (ROOT / "deploy" / "digests").read_text())[0].split())
    used = re.findall(
        r"(?m)^(?: +image: |FROM )([a-z]+:[\w.-]+)",
        (ROOT / "deploy" / "compose.yaml").read_text() + (ROOT / "deploy" / "Dockerfile").read_text(),
    )
    assert set(used) - {"jalin"} == images


@pytest.mark.parametrize("told", ["sha256:" + "a" * 64, "", "no such image"])
def test_a_digest_is_written_only_if_a_registry_told_it(tmp_path: Path, told: str) -> None:
    for name in ("digests", "compose.yaml", "Dockerfile"):
        shutil.copy(ROOT / "deploy" / name, tmp_path)
    before = (tmp_path / "compose.yaml").read_text()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(f"#!/bin/sh\n[ -n '{told}' ] && echo '{told}'\n")
    (tmp_path / "bin" / "docker").chmod(0o755)
    ran = subprocess.run(
        [str(tmp_path / "digests")], env=os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    after = (tmp_path / "compose.yaml").read_text()
    if told.startswith("sha256:"):
        assert ran.returncode == 0, ran.stderr
        assert f"image: postgres:17@{told}\n" in after
        assert (tmp_path / "Dockerfile").read_text().count(f"FROM python:3.11-slim-trixie@{told}") == 2
        assert f"FROM python:3.11-slim-trixie@{told} AS packages" in (tmp_path / "Dockerfile").read_text()
    else:
        assert ran.returncode == 3
        assert "could not be asked" in ran.stderr
        assert after == before
