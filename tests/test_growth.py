"""What people do, and what the clock asks, must cost the same with a million people in the database: no statement may
read a table that grows from end to end. (How it turns out in fact, `python -m tests.bench growth` measures.)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Connection, event, text

from bot.operations import health
from bot.people.people import Purpose, Role, record_consent
from bot.programme import faq
from tests.chat import Chat, enrolled, registered, staffed

pytestmark = pytest.mark.both_databases

FEW: Final = {
    "alembic_version", "broadcast", "check_in_screen", "clock_offset", "errand", "file_id", "invitation", "kept_file",
    "mentor_pause", "outbox_body", "override", "recording", "role", "speaker", "trainer_news", "trainer_news_round",
}  # fmt: skip
"""Tables that do not grow with the number of people; all others do."""
WHOLE: Final = {
    "SELECT count(*) AS count_1 \nFROM person \nWHERE person.registered_at IS NOT NULL",
    "SELECT coalesce(person.training_version, (SELECT consent.text_version",
}
"""What an admin's /status may count."""


SQLITE_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table'"
POSTGRESQL_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
PARTIAL: Final = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
"""Indexes of few rows: those may be read from end to end."""


class Reader:
    """Looks over a database's shoulder: of every statement it has the plan explained, and notes what reads too much."""

    def __init__(self, chat: Chat) -> None:
        self.found: set[str] = set()
        self.looked_at: set[str] = set()
        self._sqlite = chat.database.is_sqlite
        with chat.database.transaction() as db:
            tables = SQLITE_TABLES if self._sqlite else POSTGRESQL_TABLES
            self._tables = {name for (name,) in db.execute(text(tables))} - FEW
            self._partial = {name for (name,) in db.execute(text(PARTIAL))} if self._sqlite else set()
        event.listen(chat.database.engine, "after_cursor_execute", self._executed)

    def _executed(
        self, connection: Connection, _cursor: Any, statement: str, given: Any, _context: Any, many: bool
    ) -> None:
        if not statement.startswith(("SELECT", "UPDATE", "DELETE")) or statement in self.looked_at:
            return
        self.looked_at.add(statement)
        if any(statement.startswith(allowed) for allowed in WHOLE):
            return
        cursor = connection.connection.cursor()
        try:
            reads = self._reads(cursor, statement, given[0] if many else given)
            self.found |= {f"{one}: {statement}" for one in reads}
        finally:
            cursor.close()

    def _reads(self, cursor: Any, statement: str, given: Any) -> Iterator[str]:
        """What of it is read from end to end."""
        if self._sqlite:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            for *_, line in cursor.fetchall():
                verb, _, rest = line.partition(" ")
                table = rest.split(" ")[0].rpartition("_")
                name = table[0] if table[2].isdigit() else rest.split(" ")[0]
                if verb == "SCAN" and name in self._tables and not self._partial & set(rest.split(" ")):
                    yield line
            return
        # the tables are nearly empty here: only what cannot be had otherwise is read from end to end
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", given)
        plan = cursor.fetchone()[0]
        nodes = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
        for node in nodes:
            nodes += node.get("Plans", [])
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in self._tables:
                yield f"Seq Scan on {node['Relation Name']}"


def test_no_statement_reads_a_growing_table_from_end_to_end(chat: Chat) -> None:
    session = chat.add_class(capacity=2)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina = registered(chat, "Rina")
    admin = staffed(chat, role="admin", site=None)  # type: ignore[arg-type]
    reader = Reader(chat)

    rina.types("/menu").types("/jadwal").types("/kelas").sends_tap(f"enrolment:show:{session}")
    rina.sends_tap(f"enrolment:take:{session}").sees("daftar tunggu")
    rina.sends_tap("lessons:open:M01L1").sends_tap("lessons:modules").types("/profil").types("/bahasa")
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    rina.sees("ada kursi kosong").taps("Ambil kursi")
    chat.phone("Baru").starts()
    admin.types("/status").types("/sesi").sends_tap("menu:status")
    chat.travel(days=4)
    rina.types("/belajar")
    with chat.database.transaction() as db:
        health._from_database(db, chat.now)
    chat.travel(days=400)
    anton.types("/menu")
    chat.travel(to=chat.now + timedelta(hours=1))

    assert len(reader.looked_at) > 100
    assert not reader.found, "\n\n".join(sorted(reader.found))


def test_rounds_are_planned_asked_and_answered_without_reading_all_of_them(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=1))
    siti = enrolled(chat, session=session)
    with chat.database.transaction() as db:
        version = chat.content.consent_version(Purpose.FOLLOW_UP)
        record_consent(
            db, siti.person(db), Purpose.FOLLOW_UP, given=True, text_version=version, language="id", now=chat.now
        )
    maria = staffed(chat)
    reader = Reader(chat)

    chat.travel(hours=1, minutes=5)
    maria.sends_tap(f"attendance:names:{session}").taps("1. ")
    siti.looks_up()
    chat.travel(hours=6)
    siti.taps("☐ QRIS").taps("Simpan").taps("1").taps("1-5 juta").taps("25-34 tahun").taps("Perempuan")
    chat.travel(days=34)
    siti.sees("masih menunggu").taps("Simpan").taps("Masih").taps("Naik").taps("Ubah jawaban")
    chat.travel(days=150)
    siti.taps("Usaha sudah tutup").taps("Ya, sudah tutup").taps("Usaha jalan lagi").types("/data_saya")
    siti.types("/hapus_data").sends_tap("privacy:erased")

    assert len(reader.looked_at) > 100
    assert not reader.found, "\n\n".join(sorted(reader.found))


def test_answers_for_everybody_are_found_without_reading_all_of_them(chat: Chat) -> None:
    """Asked, answered, agreed to, written, approved and found, and what the clock asks of them."""
    admin = staffed(chat, role="admin", site=None)  # type: ignore[arg-type]
    rina, anton = staffed(chat, "Rina", role=Role.MENTOR), staffed(chat, "Anton", role=Role.MENTOR)
    siti, maria = registered(chat), registered(chat, "Maria")
    with chat.database.transaction() as db:
        question = "Bagaimana memotret keripik supaya renyah?"
        number = faq.published_by_programme(db, question, "Dekat jendela.", chat.now, fact="F01").id
    reader = Reader(chat)

    siti.types("/tanya").types("foto keripik biar renyah").sees("Dekat jendela").taps("Tetap tanya orang")
    rina.taps("Ambil").taps("Balas").types("Di dekat jendela, ya.")
    siti.taps("Sudah jelas")
    rina.taps("Jadikan jawaban umum")
    siti.taps("Boleh")
    rina.taps("Tulis jawaban umum").types("Di mana memotret kerupuk?").types("Di teras.").taps("Tanpa aturan")
    rina.taps("Minta disetujui").types("/antrean").taps("Jawaban umum")
    anton.taps("Setujui").sees("Disetujui")
    maria.types("/tanya").taps("Pertanyaan umum").taps("Lain-lain").taps("1. ").taps("Sudah terjawab")
    maria.types("foto keripik biar renyah").sees("Dekat jendela").sends_tap("mentoring:ask").types(
        "foto keripik renyah"
    )
    admin.sends_tap("faq:list").sends_tap(f"faq:see:{number}").sends_tap(f"faq:remove:{number}")
    chat.travel(days=140)
    siti.types("/data_saya")
    with chat.database.transaction() as db:
        faq.DATA.forget(db, siti.person(db), chat.now)  # type: ignore[misc]

    assert len(reader.looked_at) > 100
    assert not reader.found, "\n\n".join(sorted(reader.found))


def test_nor_does_any_of_appointments(chat: Chat) -> None:
    siti, rina = registered(chat), staffed(chat, "Rina", role=Role.MENTOR)
    boss = staffed(chat, "Dewi", role=Role.ADMIN, site=None)
    reader = Reader(chat)

    rina.types("/janji").taps("Buka waktu").types("kamis 9-12").taps("30 menit").taps("Di tempat usaha")
    chat.travel(minutes=1)
    rina.taps("Buka waktu lagi").types("jumat 9-10").taps("60 menit").taps("Di chat").taps("Tutup lagi")
    siti.types("/janji").sends_tap("appointments:times:0:29774880").types("/janji").taps("Kam 26 Nov, 09.00").types(
        "Kampung Ujung 5"
    )
    siti.types("/janji").taps("Pindah waktu").taps("Kam 26 Nov, 10.00").taps("Tidak bisa").taps("Tetap datang")
    rina.types("/janji").taps("Kam 26 Nov").taps("Pindahkan janji").taps("Kam 26 Nov, 11.00").sees("dipindah")
    rina.types("/janji").taps("Waktu kosong").taps("Tutup Kam")
    chat.travel(to=chat.now + timedelta(days=4))
    rina.taps("Tidak bertemu")
    siti.types("/tanya").taps("Buat janji").types("Bagaimana cara memotret keripik?")
    rina.taps("Buka waktu").types("besok 9").taps("30 menit").taps("Di chat")
    siti.types("/janji").taps("Sab 28 Nov")
    boss.sends_tap("appointments:desk").sends_tap("appointments:call_off:2").taps("Cuaca buruk")
    chat.travel(days=30)
    siti.types("/data_saya").types("/hapus_data").sends_tap("privacy:erased")
    boss.sends_tap("staff:revoked:1")
    chat.travel(days=1)

    assert len(reader.looked_at) > 60
    assert not reader.found, "\n\n".join(sorted(reader.found))


def test_nor_does_any_of_questions_and_of_words_about_a_class(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(days=2))
    siti, rina, maria = enrolled(chat, session=session), staffed(chat, "Rina", role=Role.MENTOR), staffed(chat)
    boss = staffed(chat, "Dewi", role=Role.ADMIN, site=None)
    reader = Reader(chat)

    maria.types("/pengumuman").sends_tap(f"broadcasts:to:class:{session}").types("Bawa HP ya").taps("Kirim sekarang")
    siti.types("kripiknya boleh yang balado saja").sees("Sudah diteruskan ke Maria")
    siti.types("parkir di mana bu").taps("Bukan untuk pelatih")
    maria.taps("Balas").types("Boleh, Bu.")
    siti.types("iya bu").sees("Sudah diteruskan ke Maria")
    siti.sends_tap("mentoring:ask").types("Bagaimana cara memotret keripik?").sees("Sudah diteruskan")
    rina.types("/antrean").sends_tap("mentoring:take:2").taps("Minta nomor")
    siti.taps("Boleh, ini nomornya").types("0812 3456 7890")
    rina.sends_tap("mentoring:reply:2").types("Di dekat jendela.").taps("Tarik")
    rina.sends_tap("mentoring:hand:2").sends_tap("mentoring:handed:2:0")
    siti.types("/tanya")
    chat.travel(days=6)
    boss.types("/antrean").sends_tap("mentoring:talk:2").sends_tap("mentoring:blocked:2").sends_tap(
        "mentoring:unblock:2"
    )
    rina.sends_tap("mentoring:rested").sends_tap("mentoring:serve")
    with chat.database.transaction() as db:
        person = siti.person(db).id
    maria.sends_tap(f"mentoring:write:{person}:{session}").types("Sampai jumpa lagi, Bu.").sees("Terkirim")
    chat.travel(days=100)
    siti.types("/data_saya").types("/hapus_data").sends_tap("privacy:erased")
    chat.travel(days=1)

    assert len(reader.looked_at) > 100
    assert not reader.found, "\n\n".join(sorted(reader.found))
