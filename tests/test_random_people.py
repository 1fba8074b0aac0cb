"""People who do anything: random texts, taps (real, stale and forged), locations and contacts, on a running bot.

Whatever they do: every update gets an answer, no turn fails, every screen has a way on, and no class is overbooked.
"""

from __future__ import annotations

import os
import random

import pytest
from sqlalchemy import func, select

from bot.programme.enrolment import TAKEN, Enrolment
from bot.programme.sessions import ClassSession
from bot.turns import inbox
from tests.chat import Chat, Phone
from tests.databases import by_turns

SEEDS = int(os.environ.get("JALIN_SEEDS", "2"))
"""How many stories are tried; more when somebody looks for trouble."""

COMMANDS = "start mulai menu kelas jadwal profil izin data_saya privasi bahasa berhenti hapus_data batal bantuan status"
TEXTS = [f"/{name}" for name in COMMANDS.split()] + [
    "/tidakada",
    "/start s_jayapura",
    "/start s_nowhere",
    "/start ' OR 1=1",
    "Siti",
    "nama saya siti aminah",
    "ibu",
    "1",
    "makanan",
    "labuan bjo",
    "jogja",
    "zzzz",
    "😀😀",
    "<b>tebal",
    "a < b & c",
    "\u202egnirts",
    "\u200b\u200b",
    "'; DROP TABLE person; --",
    "=cmd|' /C calc'!A0",
    "1234 5678 9012 3456",
    "ya",
    "kembali",
    "x" * 4096,
    "0812 3456 7890",
    "/hadir",
    "/laporan",
    "b c d f",
    "/start h_1_BCDF",
]
FORGED = [
    ":",
    "x",
    "menu:show:9",
    "enrolment:take:1:2:3",
    "enrolment:take:99999999999999999999",
    "registration:sector:x",
    "privacy:consent:x:yes",
    "enrolment:classes:../../etc",
    "enrolment:classes:jayapura:99",
    "é" * 30,
    "reminders:coming:",
    "attendance:claim:1:1",
    "attendance:reason:1:1:far",
    "attendance:tick:1:1:0",
    "attendance:locate:1",
    "surveys:face:1:1:3",
    "reports:make:30:jayapura",
]


def act(phone: Phone, dice: random.Random) -> None:
    kind = dice.random()
    buttons = [
        (button["callback_data"], bubble.message_id)
        for bubble in phone.bubbles[-6:]
        for row in bubble.buttons
        for button in row
        if "callback_data" in button
    ]
    if kind < 0.62 and buttons:
        # mostly what is on the screen now, sometimes something older
        data, message_id = dice.choice(buttons[-8:] if dice.random() < 0.8 else buttons)
        phone.sends_tap(data, message_id)
    elif kind < 0.90:
        phone.types(dice.choice(TEXTS))
    elif kind < 0.94:
        phone.shares_location(dice.uniform(-11, 6), dice.uniform(95, 141))
    elif kind < 0.96:
        phone.sends(contact={"phone_number": "+6281234567890", "first_name": "X", "user_id": phone.id})
    elif kind < 0.98:
        phone.sends(photo=[{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}])
    else:
        phone.sends_tap(dice.choice(FORGED))


@by_turns("seed", range(SEEDS))
def test_whatever_people_do_they_get_an_answer(chat: Chat, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(seed)
    for number in range(3):
        chat.add_class(f"LB-{number}", title=f"Kelas {number}", capacity=1)
        chat.add_class(f"JY-{number}", site="jayapura", title=f"Kelas {number}", capacity=2)
    phones = [chat.phone(name) for name in ("Siti", "Anton", "Rina", "Budi")]
    for phone in phones:  # half of them are registered people, so that the deep rooms are reached, too
        phone.starts("s_labuan-bajo")
    for phone in phones[:3]:
        phone.taps("Ya, setuju").taps("Ibu").types("Siti").taps("Makanan").taps("Sudah benar")
    for step in range(120):
        phone = dice.choice(phones)
        answers = len(chat.telegram.answers)
        act(phone, dice)
        said = capsys.readouterr().out
        assert "turn failed" not in said, f"step {step}:\n{said}"
        assert "put into words" not in said, f"step {step}:\n{said}"
        assert "no words any more" not in said, f"step {step}:\n{said}"
        answered = bool(phone.new) or len(chat.telegram.answers) > answers
        assert answered, f"step {step}: no answer\n{phone.transcript()}"
        screen = [bubble for bubble in phone.new if bubble.method == "sendMessage"]
        if screen:
            last = screen[-1]
            keyboard = last.params.get("reply_markup", {})
            assert last.buttons or "keyboard" in keyboard, f"step {step}: a dead end\n{phone.transcript()}"
    with chat.database.transaction() as db:
        assert inbox.number_undone(db) == 0
        for session in db.scalars(select(ClassSession)):
            taken = db.scalar(
                select(func.count()).where(Enrolment.session_id == session.id, Enrolment.status.in_(TAKEN))
            )
            assert taken == session.seats_taken <= session.capacity
