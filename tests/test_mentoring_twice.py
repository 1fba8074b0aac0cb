"""Nothing is answered twice unawares, and an answer that did not arrive is not forgotten."""

from __future__ import annotations

import pytest

from tests.chat import Chat, Phone
from tests.test_mentoring import asked, mentor, replies, said, ticket
from tests.test_mentoring_albums import picture, pictures
from tests.test_rights import ADMIN, admin


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def answers_of(phone: Phone) -> list[str]:
    return [bubble.text for bubble in phone.bubbles if bubble.text.startswith("💬")]


def test_who_answers_second_is_told_what_was_answered_and_by_whom(chat: Chat) -> None:
    rina, boss, siti = mentor(chat), admin(chat), asked(chat)
    rina.taps("Ambil").taps("Balas")
    boss.sends_tap("mentoring:reply:1").types("Pakai cahaya pagi.").sees("Terkirim ke Bu Siti")
    rina.sees("sudah menjawab Bu Siti", "Pakai cahaya pagi.")
    siti.looks_up()
    # what Rina was writing does not go before she knows
    rina.types("Di dekat jendela, ya.").sees("sudah menjawab Bu Siti", "Pakai cahaya pagi.", "belum dikirim")
    siti.sees_nothing_new()
    rina.types("Di dekat jendela pagi hari, ya.").sees("belum dikirim").taps("Kirim juga").sees("Terkirim ke Bu Siti")
    siti.sees("Di dekat jendela pagi hari").does_not_see("Di dekat jendela, ya.")
    assert [way for way, _, _ in said(chat)] == ["in", "out", "out"]
    old = rina.button("Kirim juga")
    rina.sends_tap(*old)
    assert len(answers_of(siti)) == 2
    # who is shown the answer before they write is not asked again
    boss.sends_tap("mentoring:reply:1").sees("Rina sudah menjawab", "Di dekat jendela pagi hari").types("Setuju.")
    boss.sees("Terkirim")
    # the person writes again: an answer is wanted
    siti.types("hasilnya masih gelap").sees("diteruskan")
    rina.taps("Balas").types("Coba jam 9.").sees("Terkirim")
    assert len(answers_of(siti)) == 4


def test_a_telegram_reply_and_pictures_wait_for_the_yes_too(chat: Chat) -> None:
    rina, boss, siti = mentor(chat), admin(chat), asked(chat)
    asked(chat, "Budi", "Berapa harga jual kopi bubuk?")
    rina.sends_tap("mentoring:take:1")
    boss.sends_tap("mentoring:reply:1").types("Pakai cahaya pagi.")
    rina.sends_tap("mentoring:take:2").taps("Balas").sees("Balasan untuk Bu Budi")
    for name in ("A", "B"):
        replies(rina, "renyah", photo=picture(name), media_group_id="5")
    assert pictures(siti) == []
    rina.types("gak jadi").sees("Tidak ada yang dikirim", "Balasan untuk Bu Budi")
    replies(rina, "renyah", photo=picture("C"), media_group_id="6").sees("belum dikirim")
    replies(rina, "renyah", photo=picture("D"), media_group_id="6")
    rina.types("ya").sees("Terkirim ke Bu Siti", "Balasan untuk Bu Budi")
    assert pictures(siti) == ["C", "D"]
    rina.types("Hitung modalnya dulu.").sees("Terkirim ke Bu Budi")
    assert ticket(chat, 2).state == "answered"


def test_an_answer_that_did_not_arrive_is_shown_until_it_does(chat: Chat) -> None:
    """Telegram says that the bot is blocked only when the answer is sent."""
    rina, siti, budi = mentor(chat), asked(chat), asked(chat, "Budi", "Berapa harga jual kopi bubuk?")
    rina.sends_tap("mentoring:take:2").taps("Balas").types("Hitung modalnya dulu.")
    rina.sends_tap("mentoring:take:1").taps("Balas")
    siti.blocks()
    rina.types("Di dekat jendela.")
    rina.types("/antrean").sees("1 · Bu Siti · dipegang Anda, jawaban belum sampai", "2 · Bu Budi")
    rina.does_not_see("2 · Bu Budi · dipegang Anda, jawaban belum")
    rina.sends_tap("mentoring:talk:1").sees("belum sampai ke Bu Siti", "jawaban, belum sampai: Di dekat jendela.")
    rina.taps("Kirim lagi").sees("Masih belum bisa")
    rina.looks_up()
    chat.travel(minutes=11)
    rina.sees("Belum sampai: jawaban pertanyaan 1 untuk Bu Siti", "Telepon saja", "Kirim lagi")
    assert len(rina.new) == 1
    rina.looks_up()
    chat.travel(hours=3)
    rina.sees_nothing_new()  # it is said once
    # Bu Siti opens the bot again: the answer comes by itself
    siti.blocks(False)
    siti.types("/menu").looks_up()
    chat.travel(hours=1)
    siti.sees("Di dekat jendela.", "Sudah jelas")
    assert len(answers_of(siti)) == 1
    rina.sends_tap("mentoring:talk:1").does_not_see("belum sampai").sends_tap("mentoring:again:1").sees("sudah sampai")
    siti.taps("Sudah jelas").sees("Bagaimana jawabannya")
    budi.taps("Sudah jelas").sees("Bagaimana jawabannya")


def test_who_comes_back_reads_the_answer_among_their_questions(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil").taps("Minta nomor")
    siti.taps("Boleh").types("0812 3456 7890")
    rina.taps("Balas")
    siti.blocks()
    rina.types("Di dekat jendela.").looks_up()
    chat.travel(minutes=11)
    rina.sees("Telepon saja: +6281234567890")
    rina.taps("Balas").types("Masih ada?").sees("tetap menunggu. Telepon saja: +6281234567890")
    siti.blocks(False)
    siti.types("/tanya").sees("Di dekat jendela.", "Pertanyaan Bu Siti")
    chat.travel(hours=5)
    assert len(answers_of(siti)) == 1
    chat.travel(days=5)
    siti.sees("kami tutup dulu")
