"""How much a newcomer reads and taps from a site's poster to a seat: all screens of that way, so that none grows."""

from __future__ import annotations

import re

from tests.chat import Chat, Phone

WORDS = 150
"""Without the question whether we may remind, which is asked once, with the first seat. 64 of them are consent."""
TAPS = 6
LONGEST = {"consent": 64, "anything else": 25}
"""Words of one message."""
SCREEN = 6
"""Buttons below a message, but for the types of business."""


def words_in(text: str) -> int:
    """Words as the ear counts them: a number, an hour and a date are one each, signs and emoji none."""
    return len(re.findall(r"\w[\w.:-]*", text))


class Reader:
    """Reads each message once, also where it was edited, and counts."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.read: dict[tuple[int, str], list[str]] = {}
        self.taps = 0

    def reads(self) -> Reader:
        for bubble in self.phone.bubbles:
            if bubble.from_bot:
                self.read.setdefault((bubble.message_id, bubble.text), bubble.labels)
        return self

    def taps_on(self, label: str) -> Reader:
        self.taps += 1
        self.phone.taps(label)
        return self.reads()

    def texts(self) -> list[str]:
        return [text for _, text in self.read]


def seated(chat: Chat) -> Reader:
    chat.add_class()
    reader = Reader(chat.phone("Siti").starts("s_labuan-bajo")).reads()
    reader.taps_on("Ya, setuju").taps_on("Ibu")
    reader.phone.types("Siti")
    reader.reads().taps_on("Makanan").taps_on("Sudah benar").taps_on("Foto Produk").taps_on("Ikut kelas ini")
    reader.phone.sees("sudah dapat kursi")
    return reader


def test_the_place_on_the_poster_is_named_back(chat: Chat) -> None:
    chat.phone("Siti").starts("s_labuan-bajo").sees("Ayo daftar kelas Labuan Bajo.")
    chat.phone("Anton").starts().sees("Daftar kelas di sini").does_not_see("Labuan Bajo")


def asks_to_remind(text: str) -> bool:
    return "boleh kami ingatkan" in text


def test_the_way_from_a_poster_to_a_seat_is_short(chat: Chat) -> None:
    way = seated(chat)
    counted = [text for text in way.texts() if not asks_to_remind(text)]
    assert len(counted) < len(way.texts()), "the question about reminders is there, and not counted"
    assert sum(map(words_in, counted)) <= WORDS, "\n".join(f"{words_in(text)} {text!r}" for text in counted)
    assert way.taps <= TAPS


def test_no_screen_of_that_way_is_long(chat: Chat) -> None:
    way = seated(chat)
    for (_, text), labels in way.read.items():
        consent = "Umur sudah 18 tahun" in text
        assert words_in(text) <= LONGEST["consent" if consent else "anything else"], text
        assert len(labels) <= SCREEN or "jenis usaha" in text, labels


def test_each_thing_is_said_once_on_that_way(chat: Chat) -> None:
    """The place of classes and the name of the programme are not said again and again; hour and place of the class are
    on its card, and once more on the seat's, which stays as the confirmation."""
    texts = seated(chat).texts()
    said = {
        word: sum(word in text for text in texts)
        for word in ("TikTok", "Halo", "Terima kasih", "Pelatih:", "Puncak Waringin", "Bawa HP")
    }
    once = ("TikTok", "Halo", "Pelatih:", "Bawa HP")
    assert said == dict.fromkeys(once, 1) | {"Terima kasih": 0, "Puncak Waringin": 2}
    assert sum("kursi" in text for text in texts) == 2, "how many are left, and that one is theirs"
