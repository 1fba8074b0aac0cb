"""A project of one handler and few words, to try what is told of mistakes in it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from bot.catalogue.check import check
from bot.catalogue.key_template import TEMPLATE, written_template
from bot.catalogue.programme_rules import fingerprint
from bot.catalogue.yaml_files import Problem
from bot.people.people import Purpose, Use
from bot.settings import ROOT
from bot.words.texts import Entry, read_catalogue
from tests import source_reading

HANDLER = '''"""Saying hello."""

HELLO = "greeting:hello"


def hello(turn):
    turn.say("greeting.hello", name="Siti", buttons=[[Button("button.back", HELLO)]])


def handlers():
    return [tap(HELLO, hello), tap("greeting:choose", hello)]
'''
KEYS = {
    "greeting.hello": ("Halo, {name}.", "Hello, {name}."),
    "greeting.consent": ("Setuju ikut pelatihan?", "Do you agree to take part?"),
    "button.back": ("Kembali", "Back"),
}
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plurals}\\n"\n'
PLURALS = ("nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);")


@cache
def real_words(language: str) -> tuple[Entry, ...]:
    return read_catalogue(ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").entries


class SmallHouse:
    """A project of one handler. Its real content/ names one consent text for all four purposes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "content", root / "content")
        (root / "bot").mkdir()
        self.words: dict[str, tuple[str, str]] = dict(KEYS)
        self.comments: dict[str, str] = {}
        self.handler = HANDLER + '\n\ndef consent(turn):\n    turn.say("greeting.consent")\n'
        self.bot = 'SECTOR, CALLED, SALUTATION = f"people.sector.{x}", f"people.called.{x}", f"people.salutation.{x}"\n'
        for language in ("id", "en"):
            for entry in real_words(language):
                if entry.key.startswith(("format.", "people.called", "people.sector", "people.salutation")):
                    before = self.words.get(entry.key, ("", ""))
                    said = entry.variants[-1]
                    self.words[entry.key] = (said, before[1]) if language == "id" else (before[0], said)
        self.consent_version, self.consent_texts = "1", ""

    def with_words(self, key: str, indonesian: str, english: str = "Fine.") -> SmallHouse:
        """Change a key's words, or add one that is said without values."""
        if key not in self.words:
            self.handler += f'\n\ndef more{len(self.words)}(turn):\n    turn.say("{key}")\n'
        self.words[key] = (indonesian, english)
        return self

    def po(self, language: str) -> Path:
        return self.root / "locales" / language / "LC_MESSAGES" / "bot.po"

    def write(self) -> None:
        self.write_words()
        self.write_source()
        self.write_consents()
        self.write_keys()

    def write_words(self) -> None:
        for place, language in enumerate(("id", "en")):
            out = HEAD.format(plurals=PLURALS[place])
            for key, words in self.words.items():
                comment = f"# {self.comments[key]}\n" if key in self.comments else ""
                said = words[place].replace('"', '\\"').replace("\n", "\\n")
                out += f'\n{comment}msgid "{key}"\nmsgstr "{said}"\n'
            self.po(language).parent.mkdir(parents=True, exist_ok=True)
            self.po(language).write_text(out, encoding="utf-8")

    def write_keys(self) -> None:
        """As `make keys` does."""
        known = source_reading.template(source_reading.source_of(self.root))
        (self.root / TEMPLATE).write_text(written_template(known), encoding="utf-8")

    def write_source(self) -> None:
        (self.root / "handlers").mkdir(exist_ok=True)
        (self.root / "handlers" / "greeting.py").write_text(self.handler, encoding="utf-8")
        (self.root / "bot" / "people.py").write_text(self.bot, encoding="utf-8")

    def write_consents(self) -> None:
        path = self.root / "content" / "programme.yaml"
        before, _, rest = path.read_text(encoding="utf-8").partition("consents:\n")
        texts = self.consent_texts or self.print()
        consents = "".join(
            f'  {purpose.value}:\n    version: "{self.consent_version}"\n    keys: [greeting.consent]\n'
            f"    texts: {{{texts}}}\n"
            f'    adds: {{"1": [{", ".join(Use) if purpose is Purpose.TRAINING else ""}]}}\n'
            for purpose in Purpose
        )
        path.write_text(f"{before}consents:\n{consents}\n{rest[rest.index('# How long things') :]}", encoding="utf-8")

    def print(self, version: str = "1") -> str:
        words = {code: {e.key: e for e in read_catalogue(self.po(code)).entries} for code in ("id", "en")}
        return f'"{version}": "{fingerprint(words, ["greeting.consent"])}"'

    def problems(self) -> list[Problem]:
        """What `bot check` says, after `make keys`."""
        self.write()
        return check(self.root)

    def problem(self) -> Problem:
        return only(self.problems())

    def problems_of_the_source(self) -> list[Problem]:
        self.write()
        return source_reading.problems(self.root)

    def problem_of_the_source(self) -> Problem:
        return only(self.problems_of_the_source())


def only(found: list[Problem]) -> Problem:
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]
