"""`make release VERSION=0.3.0`: what is "Unreleased" in the changelog becomes the version's section, the number is
written where it stands, and both are committed and tagged. Nothing leaves this machine."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = {
    "pyproject.toml": re.compile(r'(?m)^(version = ")(?P<version>[^"]+)(")$'),
    "deploy/Dockerfile": re.compile(r'(?m)^(LABEL org\.opencontainers\.image\.version=")(?P<version>[^"]+)(")$'),
}
"""The files in which the number stands, and where."""


class ReleaseError(Exception):
    """Why nothing was released; nothing was changed."""


def release(root: Path, version: str, today: str) -> str:
    """Makes the version; returns what to do next. Raises ReleaseError, or CalledProcessError when git refuses."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ReleaseError("VERSION must be three numbers: make release VERSION=0.3.0")
    if _git(root, "status", "--porcelain"):
        raise ReleaseError("commit first what is changed here")
    if f"v{version}" in _git(root, "tag", "--list").split():
        raise ReleaseError(f"there is a version {version} already")
    texts = {name: (root / name).read_text(encoding="utf-8") for name in (*PLACES, "CHANGELOG.md")}
    for name, place in PLACES.items():
        found = place.search(texts[name])
        if found is None:
            raise ReleaseError(f"{name}: no version stands there")
        if _numbers(found["version"]) > _numbers(version):
            raise ReleaseError(f"{name}: {found['version']} is newer than {version}")
        texts[name] = place.sub(rf"\g<1>{version}\g<3>", texts[name])
    texts["CHANGELOG.md"] = with_section(texts["CHANGELOG.md"], version, today)
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    _git(root, "add", *texts)
    _git(root, "commit", "--quiet", "-m", f"release: Version {version}.")
    _git(root, "tag", "--annotate", f"v{version}", "-m", f"Version {version}")
    return f"v{version} is made. When it is good: git push && git push origin v{version}"


def with_section(changelog: str, version: str, today: str) -> str:
    """Returns the changelog in which what was unreleased is this version's. Raises ReleaseError."""
    head, mark, rest = changelog.partition("## Unreleased\n")
    unreleased = rest.partition("\n## ")[0]
    if not mark or not unreleased.strip():
        raise ReleaseError('CHANGELOG.md: nothing stands under "Unreleased"')
    return f"{head}{mark}\n## {version} ({today})\n{rest}"


def _numbers(version: str) -> tuple[int, ...]:
    """Returns the three numbers; what stands behind them (0.3.0.dev0) comes before the version itself."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    try:
        print(release(ROOT, sys.argv[1] if len(sys.argv) > 1 else "", f"{datetime.now(UTC):%Y-%m-%d}"))  # noqa: T201
    except ReleaseError as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as problem:
        sys.exit(f"git: {problem.stderr.strip()}")
