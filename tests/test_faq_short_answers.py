"""Words that people type below answers for everybody, instead of tapping a button."""

from __future__ import annotations

import pytest

from tests.chat import Chat, Phone, registered
from tests.databases import by_turns
from tests.test_faq import TYPED, held, mentor, offered, one, published, tickets, waiting
from tests.test_rights import ADMIN


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def near(chat: Chat) -> tuple[Phone, Phone]:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types(TYPED).sees("Mungkin sudah ada jawabannya")
    rina.looks_up()
    return rina, siti


@by_turns("typed", ["batal", "jangan dikirim", "gak jadi", "tidak jadi deh"])
def test_a_question_that_waits_is_taken_back_by_a_word(chat: Chat, typed: str) -> None:
    rina, siti = near(chat)
    siti.types(typed).sees("sudah ditarik")
    chat.travel(minutes=11)
    rina.sees_nothing_new()
    assert (tickets(chat), held(chat)) == ([], [])


@by_turns("typed", ["sudah terjawab", "sudah", "ya", "iya sudah kak"])
def test_enough_typed_below_an_answer_acts_as_its_button(chat: Chat, typed: str) -> None:
    rina, siti = near(chat)
    siti.types(typed).sees("Senang bisa membantu", "tidak diteruskan")
    chat.travel(minutes=11)
    rina.sees_nothing_new()
    assert (tickets(chat), held(chat), one(chat).helped) == ([], [], 1)


@by_turns("typed", ["tetap tanya orang", "tetap tanya", "belum terjawab"])
def test_a_human_being_is_asked_all_the_same_by_a_word(chat: Chat, typed: str) -> None:
    rina, siti = near(chat)
    siti.types(typed).sees("Sudah diteruskan ke pendamping Labuan Bajo")
    rina.sees("kripik")
    assert (len(tickets(chat)), held(chat)) == (1, [])


def test_a_mere_no_leaves_the_question_waiting(chat: Chat) -> None:
    _rina, siti = near(chat)
    siti.types("tidak").sees("tekan tombolnya", "Sudah terjawab", "Tetap tanya orang")
    assert (tickets(chat), len(held(chat))) == ([], 1)


@by_turns("typed", ["boleh", "Boleh", "setuju", "ya boleh pak"])
def test_agreeing_that_a_question_helps_others_is_heard(chat: Chat, typed: str) -> None:
    rina = mentor(chat)
    siti = offered(chat, rina)
    siti.types(typed).sees("Pendamping menulisnya tanpa nama")
    assert one(chat).state == "draft"


@by_turns("typed", ["jangan", "tidak", "gak boleh kak"])
def test_refusing_that_a_question_helps_others_is_heard(chat: Chat, typed: str) -> None:
    siti = offered(chat, mentor(chat))
    siti.types(typed).does_not_see("diteruskan")
    assert one(chat).state == "refused"


def test_a_mere_yes_publishes_nothing(chat: Chat) -> None:
    siti = offered(chat, mentor(chat))
    siti.types("ya").sees("tekan tombolnya", "Boleh", "Jangan")
    assert one(chat).state == "asked"
    siti.types("boleh").sees("Pendamping menulisnya tanpa nama")


def test_who_approves_may_type_the_words_of_the_buttons(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    waiting(chat, rina)
    anton.types("ya").does_not_see("Sudah disetujui")
    assert one(chat).state == "waiting"
    anton.types("/antrean").taps("Jawaban umum").taps("Buka 1").types("minta perbaikan").sees("Kurang jelas")
    anton.types("kurang jelas")
    assert one(chat).state == "draft"


def test_who_approves_may_type_the_label(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    waiting(chat, rina)
    anton.types("/antrean").taps("Jawaban umum").taps("Buka 1").types("setujui")
    assert one(chat).state == "published"
