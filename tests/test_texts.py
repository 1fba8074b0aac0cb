"""Key + language -> words: moments in three zones, sums, plurals, escaping, keyboards; and that it is quick."""

from __future__ import annotations

import html
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.enrolment import SeeClass, TakeSeat
from bot.actions.menu import OpenMenu
from bot.actions.reminders import SayNotComing
from bot.settings import ROOT
from bot.telegram.html import parse_html
from bot.words import button_rows
from bot.words.message import At, Button, Called, Keyboard, Lines, Link, Message, Style, Value, Words
from bot.words.texts import MOST_COPIED, Texts, pieces_of, read_catalogue, zone_label
from tests.work import python_calls

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plurals}\\n"\n{more}'
ONE_FORM = "nplurals=1; plural=0;"
TWO_FORMS = "nplurals=2; plural=(n != 1);"
LAUNCH = At(datetime(2024, 1, 23, 1, tzinfo=UTC), "Asia/Makassar")


def catalogue(entries: dict[str, str | list[str]], plurals: str = ONE_FORM, more: str = "") -> str:
    out = HEADER.format(plurals=plurals, more=more)
    for key, words in entries.items():
        if isinstance(words, list):
            forms = "\n".join(f'msgstr[{number}] "{form}"' for number, form in enumerate(words))
            out += f'\nmsgid "{key}"\nmsgid_plural "{key}"\n{forms}\n'
        else:
            out += f'\nmsgid "{key}"\nmsgstr "{words}"\n'
    return out


@pytest.fixture(scope="session")
def shared() -> dict[str, dict[str, str | list[str]]]:
    """The real words for moments, durations and forms of address: the tests below are about those."""
    groups = ("format.", "people.", "button.")
    return {
        language: {
            entry.key: list(entry.variants) if entry.counts else entry.variants[0]
            for entry in read_catalogue(ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").entries
            if entry.key.startswith(groups)
        }
        for language in ("id", "en")
    }


class Speaking:
    """The real shared words with a few keys of the test's own."""

    def __init__(self, folder: Path, shared: dict[str, dict[str, str | list[str]]]) -> None:
        self.folder = folder
        self.entries = {language: dict(words) for language, words in shared.items()}
        self.more: dict[str, str] = {"id": '"X-Format-Locale: id\\n"\n', "en": '"X-Format-Locale: en_GB\\n"\n'}

    def has(self, language: str, **words: str | list[str]) -> Speaking:
        named: dict[str, str | list[str]] = {f"test.{name}": said for name, said in words.items()}
        self.entries.setdefault(language, {}).update(named)
        return self

    def texts(self) -> Texts:
        for language, words in self.entries.items():
            path = self.folder / language / "LC_MESSAGES" / "bot.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            plurals = TWO_FORMS if language == "en" else ONE_FORM
            path.write_text(catalogue(words, plurals, self.more.get(language, "")), encoding="utf-8")
        return Texts(self.folder)

    def says(self, words: str, language: str = "id", **values: Value) -> str:
        return self.has("id", said=words).has(language, said=words).texts().words("test.said", values, language)


@pytest.fixture
def speaking(tmp_path: Path, shared: dict[str, dict[str, str | list[str]]]) -> Speaking:
    return Speaking(tmp_path, shared)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts(ROOT / "locales")


# --- moments ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "language", "expected"),
    [
        ("{at}", "id", "Selasa, 23 Januari 2024 pukul 09.00 WITA"),
        ("{at:full}", "id", "Selasa, 23 Januari 2024 pukul 09.00 WITA"),
        ("{at:short}", "id", "Sel 23 Jan, 09.00"),
        ("{at:date}", "id", "Selasa, 23 Januari 2024"),
        ("{at:day}", "id", "Selasa, 23 Januari"),
        ("{at:time}", "id", "09.00 WITA"),
        ("{at:full}", "en", "Tuesday, 23 January 2024 at 09.00 WITA"),
        ("{at:short}", "en", "Tue 23 Jan, 09.00"),
        ("{at:date}", "en", "Tuesday, 23 January 2024"),
        ("{at:day}", "en", "Tuesday, 23 January"),
        ("{at:time}", "en", "09.00 WITA"),
    ],
)
def test_moments_as_the_style_guide_writes_them(speaking: Speaking, words: str, language: str, expected: str) -> None:
    assert speaking.says(words, language, at=LAUNCH) == expected


@pytest.mark.parametrize("language", ["id", "en"])
def test_each_zone_has_its_own_hour_and_label_in_every_language(speaking: Speaking, language: str) -> None:
    zones = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
    said = [speaking.says("{at:time}", language, at=At(LAUNCH.moment, zone)) for zone in zones]
    assert said == ["08.00 WIB", "09.00 WITA", "10.00 WIT"]


def test_the_day_is_the_sites_own(speaking: Speaking) -> None:
    late = At(datetime(2024, 1, 22, 23, tzinfo=UTC), "Asia/Jayapura")
    assert speaking.says("{at}", at=late) == "Selasa, 23 Januari 2024 pukul 08.00 WIT"


def test_a_foreign_zone_or_a_moment_without_one_is_refused(texts: Texts, speaking: Speaking) -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        speaking.says("{at}", at=At(LAUNCH.moment, "Europe/Berlin"))
    with pytest.raises(ValueError, match="without a zone"):
        speaking.says("{at}", at=At(LAUNCH.moment.replace(tzinfo=None), "Asia/Jakarta"))


WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905


@given(
    moment=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    zone=st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]),
)
def test_any_moment_reads_as_the_calendar_says(texts_of_format: Texts, moment: datetime, zone: str) -> None:
    # Written down anew: these zones have been whole hours from UTC, without summer time, since 1988.
    hours = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}[zone]
    if moment < datetime(1988, 1, 2, tzinfo=UTC):
        return
    local = moment + timedelta(hours=hours)
    day: date = local.date()
    expected = (
        f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year} "
        f"pukul {local.hour:02}.{local.minute:02} {zone_label(zone)}"
    )
    assert texts_of_format.words("test.at", {"at": At(moment, zone)}, "id") == expected


@pytest.fixture(scope="module")
def texts_of_format(tmp_path_factory: pytest.TempPathFactory, shared: dict[str, dict[str, str | list[str]]]) -> Texts:
    return Speaking(tmp_path_factory.mktemp("locales"), shared).has("id", at="{at}", name="{name}").texts()


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "language", "value", "expected"),
    [
        ("{x}", "id", 1234567, "1.234.567"),
        ("{x}", "en", 1234567, "1,234,567"),
        ("{x}", "id", 2.55, "2,55"),
        ("{x}", "id", 3.0, "3"),
        ("{x:plain}", "id", 2024, "2024"),
        ("{x:rupiah}", "id", 50000, "Rp50.000"),
        ("{x:rupiah}", "id", 1250000.4, "Rp1.250.000"),
        ("{x:rupiah}", "en", 50000, "Rp50,000"),
        ("{x:percent}", "id", 0.003, "0,3%"),
        ("{x:percent}", "en", 0.003, "0.3%"),
        ("{x:percent}", "id", 1, "100%"),
        ("{x:duration}", "id", 150, "2 jam 30 menit"),
        ("{x:duration}", "id", 90, "1 jam 30 menit"),
        ("{x:duration}", "id", 120, "2 jam"),
        ("{x:duration}", "id", 0, "0 menit"),
        ("{x:duration}", "id", 1440, "1 hari"),
        ("{x:duration}", "en", 61, "1 hour 1 minute"),
        ("{x:duration}", "en", 150, "2 hours 30 minutes"),
        ("{x:duration}", "en", 2940, "2 days 1 hour"),
        ("[{x}]", "id", None, "[]"),
    ],
)
def test_numbers_as_they_are_written(
    speaking: Speaking, words: str, language: str, value: Value, expected: str
) -> None:
    assert speaking.says(words, language, x=value) == expected


def test_a_form_that_does_not_exist_is_told(speaking: Speaking) -> None:
    with pytest.raises(ValueError, match="ounces"):
        speaking.says("{x:ounces}", x=1)


# --- people, lists, words in words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("salutation", "indonesian", "english"),
    [("ibu", "Bu Siti", "Ibu Siti"), ("bapak", "Pak Siti", "Pak Siti"), ("kakak", "Kak Siti", "Kak Siti")],
)
def test_people_are_called_politely(speaking: Speaking, salutation: str, indonesian: str, english: str) -> None:
    called = Called(salutation, "Siti")
    assert speaking.says("{who}", "id", who=called) == indonesian
    assert speaking.says("{who}", "en", who=called) == english


def test_words_lines_and_links(speaking: Speaking) -> None:
    speaking.has("id", line="{number}. {title}")
    lines = Lines(tuple(Words("test.line", {"number": n, "title": t}) for n, t in ((1, "Foto"), (2, "<Video>"))))
    assert speaking.says("Kelas:\\n{list}", list=lines) == "Kelas:\n1. Foto\n2. &lt;Video&gt;"
    assert speaking.says("{w}", w=Words("people.sector.kriya")) == "Kerajinan"
    assert speaking.says("{link}", link=Link("https://t.me/x?a=1&b=2")) == "https://t.me/x?a=1&amp;b=2"


def test_a_count_chooses_its_words(speaking: Speaking) -> None:
    speaking.has("id", seats=["{n} kursi"]).has("en", seats=["one seat", "{n} seats"])
    texts = speaking.texts()
    assert [texts.words("test.seats", {"n": n}, "en") for n in (0, 1, 2)] == ["0 seats", "one seat", "2 seats"]
    assert [texts.words("test.seats", {"n": n}, "id") for n in (0, 1, 2)] == ["0 kursi", "1 kursi", "2 kursi"]
    with pytest.raises(KeyError, match=r"test\.seats"):
        texts.words("test.seats", {}, "id")


def test_indonesian_has_one_form_and_english_two() -> None:
    """`pybabel init -l id` writes nplurals=2, which is wrong: this is the header that must stay."""
    forms = {
        language: read_catalogue(ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").number_of_plurals
        for language in ("id", "en")
    }
    assert forms == {"id": 1, "en": 2}


# --- escaping ---------------------------------------------------------------------------------------------------------


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_name_arrives_as_it_was_typed(texts_of_format: Texts, name: str) -> None:
    said = texts_of_format.words("test.name", {"name": name}, "id")
    assert html.unescape(said) == html.unescape(html.escape(name))
    assert parse_html(f"<b>{said}</b>")[0] == name
    assert texts_of_format.words("test.name", {"name": name}, "id", html=False) == name


def test_values_cannot_leave_an_attribute(speaking: Speaking) -> None:
    said = speaking.says("<a href='{url}'>{name}</a>".replace("'", '\\"'), url='x" onclick="y', name="<b>")
    assert said == '<a href="x&quot; onclick=&quot;y">&lt;b&gt;</a>'


# --- languages and keys -----------------------------------------------------------------------------------------------


def test_what_a_language_lacks_is_said_in_indonesian_throughout(speaking: Speaking) -> None:
    texts = speaking.has("id", only="Mulai {at:day}").texts()
    assert texts.words("test.only", {"at": LAUNCH}, "en") == "Mulai Selasa, 23 Januari"
    assert texts.words("test.only", {"at": LAUNCH}, "jv") == "Mulai Selasa, 23 Januari"


def test_a_language_without_a_locale_counts_as_its_header_says(speaking: Speaking) -> None:
    """Babel knows no Batak Toba: its words stand beside Indonesian numbers and dates."""
    speaking.has("id", hello="Halo {at:day} {x}").has("bbc", hello="Horas {at:day} {x}")
    speaking.more["bbc"] = '"X-Format-Locale: id\\n"\n'
    texts = speaking.texts()
    assert texts.languages == ("id", "bbc", "en")
    assert texts.words("test.hello", {"at": LAUNCH, "x": 1500}, "bbc") == "Horas Selasa, 23 Januari 1.500"


def test_an_unknown_key_and_a_missing_value_are_named(texts: Texts, speaking: Speaking) -> None:
    with pytest.raises(KeyError, match=r"enrolment\.nonsense"):
        texts.words("enrolment.nonsense", {}, "id")
    with pytest.raises(KeyError, match=r"test\.said.*\{who\}"):
        speaking.says("{who}")


@pytest.mark.parametrize("words", ["{0}", "{a.b}", "{a!r}", "{a[0]}", "{}", "{a", "a}"])
def test_other_placeholders_are_refused_when_loading(speaking: Speaking, words: str) -> None:
    with pytest.raises(ValueError, match=r"bot\.po:\d+: test\.said"):
        speaking.says(words, a="x")


def test_braces_can_be_written_twice() -> None:
    assert "".join(map(str, pieces_of("{{a}}"))) == "{a}"


@pytest.mark.parametrize("line", ["msgstr nothing", 'msgstr "a "b" c"', 'msgstr "no end', "no keyword at all", '"x" y'])
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "id" / "LC_MESSAGES" / "bot.po"
    path.parent.mkdir(parents=True)
    before = catalogue({"a.b": "x"}) + '\nmsgid "a.c"\n'
    path.write_text(f"{before}{line}\n")
    with pytest.raises(ValueError, match=rf"bot\.po:{before.count(chr(10)) + 1}: "):
        Texts(tmp_path)


def test_there_must_be_a_reference_language(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="reference language"):
        Texts(tmp_path)


# --- messages ---------------------------------------------------------------------------------------------------------


def test_buttons_carry_plain_labels(speaking: Speaking) -> None:
    speaking.has("id", said="  Halo {name}\\n ", take="Ambil {title}")
    message = Message(
        "test.said",
        {"name": "Siti & Co"},
        (
            (Button("test.take", TakeSeat(1), {"title": "A & B"}),),
            (Button("button.back", OpenMenu()), Button("button.help", url="https://example.org")),
        ),
        keyboard=Keyboard.REMOVE,
    )
    rendered = speaking.texts().render(message, "id")
    assert rendered.text == "Halo Siti &amp; Co"
    assert rendered.reply_markup == {
        "inline_keyboard": [
            [{"text": "Ambil A & B", "callback_data": "enrolment:take:1"}],
            [{"text": "Kembali", "callback_data": "menu:show"}, {"text": "Bantuan", "url": "https://example.org"}],
        ]
    }


def test_a_button_copies_words_and_another_stands_out(speaking: Speaking) -> None:
    speaking.has("id", said="Halo", salin="Salin", caption="Kue {name}, pesan & antar")
    copying = Button("test.salin", copy="test.caption", values={"name": "Bu Siti"})
    main = Button("button.back", OpenMenu(), style=Style.PRIMARY)
    rendered = speaking.texts().render(Message("test.said", buttons=((copying,), (main,))), "id")
    assert rendered.reply_markup == {
        "inline_keyboard": [
            [{"text": "Salin", "copy_text": {"text": "Kue Bu Siti, pesan & antar"}}],
            [{"text": "Kembali", "style": "primary", "callback_data": "menu:show"}],
        ]
    }


def test_what_is_too_long_to_be_copied_is_an_error(speaking: Speaking) -> None:
    texts = speaking.has("id", said="Halo", salin="Salin", caption="{name}").texts()
    for length, fits in ((MOST_COPIED, True), (MOST_COPIED + 1, False), (0, False)):
        button = Button("test.salin", copy="test.caption", values={"name": "a" * length})
        with nullcontext() if fits else pytest.raises(ValueError, match="1 to 256 characters"):
            texts.render(Message("test.said", buttons=((button,),)), "id")


@pytest.mark.parametrize(
    ("keyboard", "label", "asked"),
    [
        (Keyboard.SHARE_LOCATION, "Kirim lokasi", "request_location"),
        (Keyboard.SHARE_CONTACT, "Kirim nomor", "request_contact"),
    ],
)
def test_keyboards_under_the_typing_field(texts: Texts, keyboard: Keyboard, label: str, asked: str) -> None:
    rendered = texts.render(Message("button.menu", keyboard=keyboard), "id")
    assert rendered.reply_markup == {
        "keyboard": [[{"text": label, asked: True}], [{"text": "Kembali"}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


def test_taking_the_keyboard_away_and_saying_nothing(texts: Texts) -> None:
    assert texts.render(Message("button.menu", keyboard=Keyboard.REMOVE), "id").reply_markup == {
        "remove_keyboard": True
    }
    assert texts.render(Message(), "id") == ("", None)


def test_a_button_without_an_end_is_refused(texts: Texts) -> None:
    with pytest.raises(ValueError, match=r"button\.back"):
        texts.render(Message(buttons=((Button("button.back"),),)), "id")


def test_the_command_menu_of_a_role(speaking: Speaking) -> None:
    speaking.entries["id"]["command.jadwal"] = "Lihat jadwal"
    speaking.entries["en"]["command.jadwal"] = "See the schedule"
    texts = speaking.texts()
    texts.roles = {"participant": ("jadwal",)}
    assert texts.commands("participant", "en") == [{"command": "jadwal", "description": "See the schedule"}]


def reminder() -> Message:
    """As long as a message gets that is said thousands of times a day."""
    values: dict[str, Value] = {"who": Called("ibu", "Siti"), "title": "Foto Produk", "at": LAUNCH, "venue": "Balai"}
    buttons = tuple((Button(key, SayNotComing(123456)),) for key in ("button.menu", "button.back", "button.help"))
    return Message("test.reminder", values, buttons)


def test_saying_something_is_quick(speaking: Speaking) -> None:
    """A process says some hundred messages a second: a template or a date that is worked out anew each time would be
    seen in the number of calls."""
    said = "{who}, besok ada kelas {title}.\\n{at:full}, di {venue}.\\nBawa HP dan satu produk. Bisa datang?"
    texts = speaking.has("id", reminder=said).texts()
    message = reminder()
    assert "pukul 09.00 WITA" in texts.render(message, "id").text
    assert python_calls(lambda: texts.render(message, "id")) < 45


# --- buttons on a small phone ---------------------------------------------------------------------------------------


def rows_of(*labels: str) -> list[list[str]]:
    return [[button["text"] for button in row] for row in button_rows.fitting([{"text": label} for label in labels])]


def test_buttons_stand_side_by_side_only_where_their_words_are_seen_whole() -> None:
    assert rows_of("Menu", "Bantuan") == [["Menu", "Bantuan"]]
    assert rows_of("Makanan dan minuman", "Kerajinan") == [["Makanan dan minuman"], ["Kerajinan"]]
    assert rows_of("Kembali", "Lihat jadwal", "Bantuan") == [["Kembali", "Lihat jadwal", "Bantuan"]]
    assert rows_of("Kembali", "Pilih kelas lain", "Menu", "Bantuan") == [
        ["Kembali", "Pilih kelas lain"],
        ["Menu", "Bantuan"],
    ]
    assert rows_of(*"ABCD") == [list("ABCD")]
    assert rows_of() == []


@given(st.lists(st.text(min_size=1, max_size=40), max_size=8))
def test_no_button_is_lost_moved_or_cut_when_rows_are_divided(labels: list[str]) -> None:
    rows = rows_of(*labels)
    assert [label for row in rows for label in row] == labels
    for row in rows:
        assert len(row) == 1 or max(map(button_rows.width, row)) <= button_rows.ROOM[len(row) - 1]


def test_a_long_title_leaves_the_day_the_hour_and_that_it_is_full_on_the_button() -> None:
    starts = At(datetime(2026, 11, 26, 1, tzinfo=UTC), "Asia/Makassar")
    for title in ("Foto Produk untuk Penenun dan Pengrajin Pemula", "M" * 120, "Foto"):
        button = Button("enrolment.button.class_full", SeeClass(1), {"title": title, "starts": starts})
        rendered = Texts(ROOT / "locales").render(Message("menu.show", {"person": "Siti"}, ((button,),)), "id")
        assert rendered.reply_markup is not None
        label = rendered.reply_markup["inline_keyboard"][0][0]["text"]
        assert label.startswith(f"Kam 26 Nov, 09.00 · {title[:4]}")
        assert label.endswith("· penuh")
        assert button_rows.width(label) <= button_rows.ROOM[0]
