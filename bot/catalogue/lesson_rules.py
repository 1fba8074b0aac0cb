"""The rules of lessons: content/lessons, what was published of it, and the facts it teaches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from bot.catalogue.checked_files import CheckedFiles, Rule
from bot.catalogue.guessing import guessed_in_a_module
from bot.catalogue.lesson_files import Lesson, every_text
from bot.catalogue.published_questions import QUESTION_IDS, read_published
from bot.catalogue.word_rules import LONGEST
from bot.catalogue.yaml_files import Problem, read_yaml
from bot.words import writing_rules

OPTION_LIMIT: Final = 100
EXPLANATION_LINE_FEEDS: Final = 2
OPENING_WORDS: Final = 60
"""The most words of a lesson's opening and points together: they are one message."""
EXAMPLE_WORDS: Final = 45
TASK_WORDS: Final = 40
PICTURE_BYTES: Final = 60 * 1024
SAME_MEANING: Final = 60.0
"""Above this likeness (0 to 100) a question or option only words the old one better, and still asks the same."""
NEGATIONS: Final = re.compile(r"\b(?:tidak|tak|bukan|jangan|belum|tanpa|kecuali)\b", re.IGNORECASE)
_NAMED: Final = r"(?:jawaban|pilihan|opsi)"
PLACE_IN_WORDS: Final = re.compile(
    rf"\b{_NAMED}(?: yang)? (?:di ?atas|di ?bawah|sebelumnya|tadi|lain(?:nya)?)\b"
    rf"|\b(?:{_NAMED}|huruf) (?:(?-i:[A-C])\b|nomor \d|\d\b|(?:yang )?(?:pertama|kedua|ketiga|terakhir)\b)",
    re.IGNORECASE,
)
"""Words that name an option by where it stands: no text of a question may hold them."""
OTHERS_IN_WORDS: Final = re.compile(
    r"\b(?:semua(?:nya)?|kedua(?:nya|-duanya)?|dua-duanya|t(?:id)?ak (?:ada|satu ?pun)|bukan)\b"
    rf"(?: {_NAMED}(?:nya)?)?(?: (?:itu|ini|tadi|tersebut))?(?: yang)? "
    r"(?:benar|betul|tepat|salah|keliru|di ?atas(?! *(?:Rp|\d))|semua(?:nya)?\b|keduanya|dua-duanya)"
    r"|\b(?:benar|betul|tepat|salah|keliru) (?:semua(?:nya)?|keduanya|dua-duanya)\b"
    r"|^\W*(?:hanya |bukan )?(?-i:[A-C])(?:(?:, ?| ?[&/+] ?| atau |,? dan )(?-i:[A-C]))*\b"
    r"\W*(?:(?:saja|benar|betul|tepat|salah|keliru)\b.*)?$"
    r"|\b(?:all|none|both) of the above\b",
    re.IGNORECASE,
)
"""Words by which an option speaks of the others: "Semua benar", "A dan B"."""


FIGURE: Final = re.compile(
    r"\bRp[1-9][\d.]*(?:,\d+)?(?: (?:ribu|juta|miliar))?|\d[\d.]*(?:,\d+)?%|\b\d{2,}[\d.]*"
    r"|\b\d+(?:,\d+)?(?= (?:persen|kali|menit|jam|hari|minggu|bulan|tahun|ribu|juta|miliar|rupiah)\b)|\bjam \d+",
    re.IGNORECASE,
)
"""A figure that somebody must have looked up: money, a share, a time, or any number above nine. "Siapkan 3-5 produk" is
advice."""
NUMBERS: Final = ("dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
IN_WORDS: Final = {word: str(number) for number, word in enumerate(NUMBERS, start=2)}
SAID: Final = re.compile(
    rf"\b(?:{'|'.join(NUMBERS)})(?= (?:persen|jam|hari|minggu|bulan|tahun|ribu|juta|miliar|rupiah)\b)", re.IGNORECASE
)
"""A figure that is written as a word. Minutes are how long something takes: "Tiga menit sehari"."""
RECKONING: Final = re.compile(r" [x:+-] [^=]*=|=[^=]* [x:+-] |\bx angka : 100\b")
"""A sentence with this is a sum."""
ASKED_FOR: Final = re.compile(
    r"\b(?:berapa|kapan|hari apa|paling (?:lambat|lama|cepat|banyak|sedikit|besar|kecil))\b", re.IGNORECASE
)
"""A question with this asks for a figure."""
INVENTED: Final = re.compile(r"\b(?:contoh|misal\w*|diskon)\b", re.IGNORECASE)
"""Words by which an example says that a share is made up."""
NEEDED: Final = re.compile(
    r"\b(?:akun|toko|pusat penjual|WhatsApp Business|TikTok|QRIS|statistik|live|keranjang|(?:meng)?unggah)\b",
    re.IGNORECASE,
)
"""What not everybody has who is to do a task."""
SCALE: Final = re.compile(r"\b(?:(?:me)?nimbang|timbang)\w*", re.IGNORECASE)
LACKING: Final = re.compile(r"\b(?:belum|tidak|bukan|sudah|tanpa)\b[^.?!]*\?$", re.IGNORECASE)
"""How a task asks who has none of it: Belum punya toko? What they do instead is the next sentence."""
WITHOUT: Final = re.compile(r"(?:Tanpa|Kalau (?:belum|tidak)|Yang (?:belum|tidak))\b[^,]*, \w+ \w+")
"""The same in one sentence: Tanpa timbangan, jual per ekor."""


def lessons_keep_to_the_style(files: CheckedFiles) -> Iterator[Problem]:
    for lesson, lines in files.lessons():
        for place, text in every_text(lesson):
            found = [*writing_rules.forbidden(text), *writing_rules.loud(text), *writing_rules.times_and_sums(text)]
            if "options" not in place:
                found += writing_rules.long_sentences(text)
            yield from (lines.problem(place, said) for said in found)


def lessons_fit(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that a lesson can be read in two minutes, and that Telegram takes each of its messages."""
    for lesson, lines in files.lessons():
        counted: list[tuple[tuple[str | int, ...], str, str, int]] = [
            (("opening",), "opening and points", "\n".join((lesson.opening, *lesson.points)), OPENING_WORDS),
            (("example",), "the example", lesson.example or "", EXAMPLE_WORDS),
            (("task",), "the task", lesson.task, TASK_WORDS),
        ]
        for place, what, text, limit in counted:
            if (count := writing_rules.word_count(text)) > limit:
                yield lines.problem(place, f"{what}: {count} words; {limit} are enough")
        measured: list[tuple[tuple[str | int, ...], str, int]]
        measured = [
            ((name,), str(getattr(lesson, name) or ""), LONGEST[name]) for name in ("opening", "example", "task")
        ]
        # each point has its number, a line of its own and perhaps an empty one
        measured.append((("points",), "\n".join(f"1. {point}\n" for point in lesson.points), LONGEST["points"]))
        measured.append((("question", "text"), lesson.question.text, LONGEST["question"]))
        measured.append((("question", "explanation"), lesson.question.explanation, LONGEST["explanation"]))
        measured += [
            (("question", "options", index), option, OPTION_LIMIT)
            for index, option in enumerate(lesson.question.options)
        ]
        for place, text, limit in measured:
            if (length := len(text.encode("utf-16-le")) // 2) > limit:  # as Telegram counts
                yield lines.problem(place, f"{length} characters; {limit} is the limit")
        if lesson.question.explanation.count("\n") > EXPLANATION_LINE_FEEDS:
            words = f"the explanation has more than {EXPLANATION_LINE_FEEDS} line feeds; Telegram refuses it"
            yield lines.problem(("question", "explanation"), words)


def options_stand_alone(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that no option speaks of its place or of other options: the bot shuffles the options, so nothing may stand
    above "jawaban di atas"."""
    for lesson, lines in files.lessons():
        for place, text in every_text(lesson):
            if place[0] == "question" and (words := leaning(text, option="options" in place)):
                said = f"'{words}': the bot shuffles the options, so say what is meant instead of where it stands"
                yield lines.problem(place, said)


def leaning(text: str, *, option: bool) -> str | None:
    """Returns the words in the text of a question, or of one of its options, that refer to the place of an option or to
    other options; None: there are none."""
    found = PLACE_IN_WORDS.search(text) or (OTHERS_IN_WORDS.search(text) if option else None)
    return found and found[0].strip()


def figures_have_a_source(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that every figure that is taught as true stands in a fact that the lesson names. Free are sums, in the
    explanation also what the question itself says, and what an example makes up."""
    if files.content is None:
        return
    for lesson, lines in files.lessons():
        sources = " ".join(files.content.facts[code].fact for code in lesson.facts if code in files.content.facts)
        for place, text in every_text(lesson):
            for figure in _taught(lesson, place, text, sources):
                words = (
                    f"'{figure}' stands in no fact that the lesson names; a rule that can date is written in facts.yaml"
                )
                yield lines.problem(place, words)


def _taught(lesson: Lesson, place: tuple[str | int, ...], text: str, facts: str) -> list[str]:
    """Returns the figures that a text of the lesson teaches without a source."""
    question = lesson.question
    if place[0] in ("opening", "points"):
        return unsourced(text, facts)
    if place[-1] == "explanation":
        return unsourced(text, " ".join((facts, question.text, *question.options)))
    if place[0] in ("title", "goal"):
        return [one for one in unsourced(text, facts) if "%" in one or one.startswith("Rp")]
    if place[0] == "example" and not INVENTED.search(text):
        return [one for one in unsourced(text, facts) if "%" in one]
    if place[-2:] == ("options", 0) and ASKED_FOR.search(question.text) and not RECKONING.search(question.explanation):
        said = (facts, question.text, lesson.opening, *lesson.points, lesson.example or "")
        return unsourced(text, " ".join(said))
    return []


def unsourced(text: str, sources: str) -> list[str]:
    """Returns the figures of a text that do not stand in `sources`; sentences that reckon are left out."""
    told = [_in_digits(one) for one in re.split(r"(?<=[.!?])\s+|\n", text) if not RECKONING.search(one)]
    figures = [found[0].rstrip(".") for one in told for found in FIGURE.finditer(one)]
    known = _in_digits(sources)
    return [one for one in figures if not re.search(rf"(?<![\d.,]){re.escape(one)}(?!\d|[.,]\d)", known, re.I)]


def _in_digits(text: str) -> str:
    return SAID.sub(lambda found: IN_WORDS[found[0].lower()], text)


def tasks_can_be_done_by_all(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that a task for which one needs an account, a shop or a scale says what people do who have none."""
    for lesson, lines in files.lessons():
        first, instead = _parts_of(lesson.task)
        needed = NEEDED.search(first) if not instead else None
        if not SCALE.search(instead):
            needed = needed or SCALE.search(first)
        if needed is not None:
            words = f"'{needed[0]}': not everybody has it; say what they do instead (Belum punya ...? ...)"
            yield lines.problem(("task",), words)


def _parts_of(task: str) -> tuple[str, str]:
    """Returns what is to be done, and what those do instead who have not what is needed."""
    sentences = re.split(r"(?<=[.?!])\s+|\n", task)
    first, instead = list[str](), list[str]()
    for at, one in enumerate(sentences):
        answers = at > 0 and LACKING.search(sentences[at - 1])
        asks = LACKING.search(one) and at + 1 < len(sentences)
        (instead if asks or answers or WITHOUT.match(one) else first).append(one)
    return " ".join(first), " ".join(instead)


def nobody_guesses_a_module(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that in no module the right option is always known by its looks: the longest, the most careful ..."""
    for module in files.shelf.modules:
        for name, hits in guessed_in_a_module(lesson.question for lesson in module.lessons):
            words = (
                f"whoever picks {name} option is right {float(hits):g} times of {len(module.lessons)} in {module.id}: "
                "make the options alike"
            )
            yield files.shelf.lines[module.id].problem(("id",), words)


def pictures_are_small(files: CheckedFiles) -> Iterator[Problem]:
    for module in files.shelf.modules:
        if module.picture is None:
            continue
        path, where = files.root / module.picture, files.shelf.lines[module.id]
        if not path.is_file():
            yield where.problem(("picture",), f"there is no file {module.picture}")
        elif path.suffix not in (".png", ".jpg"):
            yield where.problem(("picture",), f"{module.picture}: a picture is a .png or .jpg")
        elif (size := path.stat().st_size) > PICTURE_BYTES:
            words = f"{module.picture} has {size / 1024:.0f} KB; people pay for {PICTURE_BYTES // 1024} at the most"
            yield where.problem(("picture",), words)


def questions_keep_their_meaning(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that a published question keeps its meaning: answers are kept under its id and the place of the option."""
    if files.content is None:
        return
    file = f"content/{QUESTION_IDS}"
    known = read_published(files.root / "content", [])
    newest: dict[str, int] = {}
    for lesson, lines in files.lessons():
        question = lesson.question
        newest[lesson.id] = _number_of(question.id)
        now = (question.text.replace("\n", " "), *question.options)
        before = known.get(question.id)
        if before is None:
            words = f"a new question; write this line into {file}: {question.id} | {' | '.join(now)}"
            yield lines.problem(("question",), words)
            continue
        if _changed((before.question.text, *before.question.options), now):
            words = (
                f"{question.id} asked something else when it was published ({file}:{before.line}). Put it back, or "
                f"call it {lesson.id}-Q{newest[lesson.id] + 1}: answers that were given keep their meaning"
            )
            yield lines.problem(("question",), words)
    for question_id, published in known.items():
        if newest.get(published.question.lesson_id, 0) < _number_of(question_id):
            yield Problem(file, published.line, f"{question_id} was published and is gone: people have answered it")


def _number_of(question_id: str) -> int:
    return int(question_id.rpartition("Q")[2])


def _changed(before: Sequence[str], now: Sequence[str]) -> bool:
    """Whether a question, or one of its options, now means something else; better wording alone does not count."""
    if len(before) != len(now) or any(map(_differ, before, now)):
        return True
    # options that changed places: an answer is kept as the place of its option
    olds = before[1:]
    return any(
        max(olds, key=lambda old: (_likeness(old, option), old == olds[place])) != olds[place]
        for place, option in enumerate(now[1:])
    )


def _differ(before: str, now: str) -> bool:
    if re.findall(r"\d+", before) != re.findall(r"\d+", now):
        return True
    if len(NEGATIONS.findall(before)) != len(NEGATIONS.findall(now)):
        return True
    return _likeness(before, now) < SAME_MEANING


def _likeness(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    return fuzz.ratio(one.casefold(), other.casefold())


def overdue_facts(files: CheckedFiles, today: date) -> Iterator[Problem]:
    """Yields warnings for facts that somebody must look at again: until then the lessons that teach them are marked."""
    if files.content is None:
        return
    lines = read_yaml(files.root / "content" / "facts.yaml")[1]
    for index, fact in enumerate(files.content.facts.values()):
        if fact.is_overdue(today):
            marked = [lesson.id for lesson in files.content.marked(today) if fact.id in lesson.facts]
            words = f"{fact.id} was to be looked at by {fact.review_by} ({fact.status}); marked: {', '.join(marked)}"
            yield lines.problem(("facts", index), words if marked else words.partition(";")[0])


RULES: Final[tuple[Rule, ...]] = (
    lessons_keep_to_the_style,
    lessons_fit,
    options_stand_alone,
    figures_have_a_source,
    tasks_can_be_done_by_all,
    nobody_guesses_a_module,
    pictures_are_small,
    questions_keep_their_meaning,
)
