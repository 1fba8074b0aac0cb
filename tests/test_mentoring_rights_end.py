"""A question and whoever may no longer see it: a mentor whose role was taken away, or who handed it over."""

from __future__ import annotations

import pytest

from bot.people.people import Role, RoleGrant
from bot.people.rights import roles_of
from bot.programme.mentoring import State, Ticket
from tests.chat import Chat, Phone, registered, staffed
from tests.test_mentoring import QUESTION, SITE, asked, mentor, replies, said, ticket
from tests.test_mentoring_albums import picture
from tests.test_mentoring_limits import corrected
from tests.test_rights import ADMIN, admin

SECRET = "Utang saya lima juta, bagaimana memotret tanpa lampu?"


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def takes_role_away(boss: Phone, name: str) -> None:
    boss.types("/staf").taps(name).taps("Cabut").taps("Ya, cabut").sees("bukan lagi")


def asked_by_message(chat: Chat) -> tuple[Phone, int]:
    """Somebody who asked a question, and the number of the message with it."""
    siti = registered(chat, "Siti").types("/tanya")
    update = siti.message(text=QUESTION)
    chat.deliver(update, siti)
    return siti, update["message"]["message_id"]


def everything(phone: Phone) -> str:
    return "\n".join(bubble.text for bubble in phone.bubbles if bubble.from_bot)


def test_who_lost_the_role_sees_no_new_words_and_keeps_no_old_ones(chat: Chat) -> None:
    boss, rina = admin(chat), mentor(chat)
    siti, number = asked_by_message(chat)
    rina.taps("Ambil").taps("Balas").types("Di dekat jendela, ya.")
    takes_role_away(boss, "Rina")
    assert "renyah" not in everything(rina)
    assert "Perannya di lokasi itu sudah selesai" in everything(rina)
    corrected(siti, number, text=SECRET)
    siti.types("Hasilnya masih gelap, bagaimana dong?")
    assert "lima juta" not in everything(rina)
    assert "masih gelap" not in everything(rina)


def test_who_handed_it_over_sees_no_new_words(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti, number = asked_by_message(chat)
    rina.taps("Ambil").taps("Oper").taps("Anton").taps("Tanpa catatan")
    anton.sees("Pertanyaan 1", "Rina")
    corrected(siti, number, text=SECRET)
    assert "lima juta" not in everything(rina)
    assert "Pertanyaan 1 sudah diambil Anton" in everything(rina)


def test_a_role_at_one_site_that_ends_leaves_the_questions_of_the_other(chat: Chat) -> None:
    boss, rina, _ = admin(chat), mentor(chat), asked(chat)
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        other = roles_of(db, account)[0].__class__(
            account_id=account.id, role=Role.MENTOR, site_id="samosir", granted_at=chat.now
        )
        db.add(other)
        db.flush()
        number = other.id
    rina.taps("Ambil").taps("Balas")
    boss.sends_tap(f"staff:revoked:{number}").sees("Rina bukan lagi pendamping di Samosir")
    rina.types("Di dekat jendela, ya.").sees("Terkirim ke Bu Siti")
    assert said(chat)[-1] == ("out", "text", "Di dekat jendela, ya.")


def test_an_answered_question_that_is_given_back_is_answered_still(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil").taps("Balas").types("Di dekat jendela, ya.")
    siti.sees("dekat jendela")
    rina.sends_tap("mentoring:hand:1").taps("Kembali ke antrean")
    found = ticket(chat)
    assert (found.state, found.claimed_by, found.waiting_since) == (State.ANSWERED, None, None)
    chat.travel(days=3)
    siti.does_not_see("belum ada yang sempat", "belum terjawab")


def test_an_admin_by_the_settings_is_no_admin_by_their_own_link(chat: Chat) -> None:
    boss = admin(chat)
    boss.types("/staf").taps("Undang staf").taps("Undang admin")
    code = boss.last.text.split("start=t_")[1].split()[0]
    boss.starts(f"t_{code}").sees("sudah menjadi admin").does_not_see("Ya, saya mau")
    boss.sends_tap(f"staff:accept:{code}").does_not_see("memeriksa dulu")
    with chat.database.transaction() as db:
        account = boss.account(db)
        assert account is not None
        assert not roles_of(db, account)


def test_who_waits_for_an_admin_whose_role_ends_is_confirmed_by_another(chat: Chat) -> None:
    boss, rina = admin(chat), staffed(chat, "Rina", role=Role.ADMIN, site=None)
    rina.types("/staf").taps("Undang staf").taps("Undang admin")
    code = rina.last.text.split("start=t_")[1].split()[0]
    budi = chat.phone("Budi").starts(f"t_{code}").taps("Ya, saya mau").sees("memeriksa dulu")
    takes_role_away(boss, "Rina")
    boss.types("/staf").taps("Lihat undangan (1)").taps("Benarkan 1").sees("Sudah dibenarkan")
    budi.sees("Selamat bergabung sebagai admin")


def test_an_answer_that_cannot_reach_its_person_is_said_not_to_be_sent(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil")
    siti.blocks()
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        account.blocked_at = chat.now
    rina.taps("Balas").types("Di dekat jendela, ya.")
    rina.sees("Belum terkirim: Bu Siti", "tetap menunggu").does_not_see("Terkirim ke")
    assert ticket(chat).state == State.CLAIMED
    assert [way for way, _, _ in said(chat)] == ["in"]


def test_a_question_is_not_handed_to_a_colleague_who_rests(chat: Chat) -> None:
    rina, anton, _ = mentor(chat), mentor(chat, "Anton"), asked(chat)
    anton.types("/antrean").taps("Libur dulu").taps("Ya, libur")
    rina.taps("Ambil").taps("Oper").does_not_see("Anton")
    assert "Anton" not in rina.last.labels


def test_a_reply_of_who_is_no_mentor_any_more_is_told_to_go_nowhere(chat: Chat) -> None:
    boss, rina, siti = admin(chat), mentor(chat), asked(chat)
    rina.taps("Ambil")
    takes_role_away(boss, "Rina")
    siti.looks_up()
    for content in ({"text": "Pakai cahaya pagi."}, {"photo": picture("A")}):
        replies(rina, "Kartu pertanyaan 1 ditutup", **content).sees("tidak menjadi pendamping", "0800-0000-000")
        rina.does_not_see("Mulai", "Setuju", "mendaftar")
    siti.sees_nothing_new()
    assert len(said(chat)) == 1


def test_a_reply_to_a_card_takes_the_question_or_says_that_it_went_nowhere(chat: Chat) -> None:
    rina, anton, siti = mentor(chat), mentor(chat, "Anton"), asked(chat)
    replies(rina, "renyah", text="Pakai cahaya pagi.").sees("Pertanyaan 1 sekarang milik Anda", "Terkirim ke Bu Siti")
    siti.sees("Rina", "Pakai cahaya pagi.")
    assert ticket(chat).state == State.ANSWERED
    replies(anton, "sudah diambil Rina", text="Pakai lampu.").sees("tidak dikirim ke siapa pun", "Lihat antrean")
    # given back after the answer: it can be taken all the same
    rina.sends_tap("mentoring:hand:1").taps("Kembali ke antrean")
    rina.sends_tap("mentoring:reply:1").sees("Ambil dulu").taps("Ambil").sees("Pendamping: Rina")
    rina.taps("Balas").types("Atau jam 9.").sees("Terkirim")
    siti.sees("Atau jam 9.").does_not_see("Pakai lampu")


def test_nobody_takes_or_answers_a_question_of_their_own_phone(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        account.staff_name = "Siti"
        db.add(RoleGrant(account_id=account.id, role=Role.MENTOR, site_id=SITE, granted_at=chat.now))
    siti.types("/antrean").does_not_see("Bu Siti ·")
    siti.sends_tap("mentoring:take:1").sees("dari HP Anda sendiri")
    assert ticket(chat).state == "open"
    rina.taps("Ambil").taps("Oper").does_not_see("Siti (")
    with chat.database.transaction() as db:  # who took it before there was this rule
        account = siti.account(db)
        assert account is not None
        db.get_one(Ticket, 1).claimed_by = account.id
    siti.sends_tap("mentoring:reply:1").types("Pakai cahaya pagi.").sees("dari HP Anda sendiri")
    assert [way for way, _, _ in said(chat)] == ["in"]
