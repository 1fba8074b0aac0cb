"""The page that says what a certificate's code says: GET /v/<code> and /v/<code>.json."""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from bot.catalogue.programme_files import Signer
from bot.documents import certificate
from bot.documents.certificate import PrintedCertificate
from bot.operations import certificate_pages
from bot.operations.certificate_pages import UNKNOWN_A_MINUTE
from bot.operations.web_server import WebServer
from bot.people.people import Role
from bot.programme import privacy
from bot.programme.certificates import Certificate
from bot.programme.certificates.codes import ALPHABET, LENGTH
from tests.chat import Chat, local, staffed
from tests.test_attendance import audited, came
from tests.test_certificates import NAME, after_class, issued, shown, taken, with_wave

PUBLIC: Final = "https://jalin.example.org"
LARGEST: Final = 15_000
"""Bytes of the page: what a phone on a bad line still opens at once."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def words(self) -> str:
        """What is read on the page."""
        page = re.sub(r"<style>.*?</style>", "", self.body.decode(), flags=re.DOTALL)
        return unescape(re.sub(r"<[^>]+>", "\n", page))

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class Site:
    """The pages of a bot, asked without a network."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.app = Starlette(routes=certificate_pages.routes(chat.app))

    async def ask(self, path: str, address: str, method: str) -> Answer:
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "https", "path": path,
            "raw_path": path.encode(), "root_path": "", "query_string": b"",
            "headers": [(b"host", b"jalin.example.org")],
            "client": (address, 40_000), "server": ("jalin.example.org", 443),
        }  # fmt: skip
        await self.app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return Answer(said[0]["status"], headers, b"".join(one.get("body", b"") for one in said[1:]))

    def get(self, path: str, address: str = "203.0.113.7", method: str = "GET") -> Answer:
        return self.chat._loop.run_until_complete(self.ask(path, address, method))

    def get_all(self, asked: list[tuple[str, str]]) -> list[Answer]:
        """Asks for each path from its address, one after the other."""

        async def scene() -> list[Answer]:
            return [await self.ask(path, address, "GET") for path, address in asked]

        return self.chat._loop.run_until_complete(scene())


@pytest.fixture
def site(chat: Chat) -> Site:
    chat.app.settings = chat.app.settings.model_copy(update={"public_url": PUBLIC})
    return Site(chat)


def guesses(number: int) -> list[str]:
    dice = random.Random(2023)
    return ["".join(dice.choices(ALPHABET, k=LENGTH)) for _ in range(number)]


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> list[PrintedCertificate]:
    """What was drawn, in its order."""
    drawn: list[PrintedCertificate] = []
    whole = certificate.drawn

    def draw(given: PrintedCertificate, *args: Any) -> bytes:
        drawn.append(given)
        return whole(given, *args)

    monkeypatch.setattr(certificate, "drawn", draw)
    return drawn


def test_the_page_tells_everything_that_the_paper_tells(
    chat: Chat, site: Site, papers: list[PrintedCertificate]
) -> None:
    rules = chat.app.content.programme.certificates.model_copy(
        update={"signed_by": Signer(name="Wati Sample", position="Ketua")}
    )
    programme = chat.app.content.programme.model_copy(update={"certificates": rules})
    chat.app.content = replace(chat.app.content, programme=programme)
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    paper = papers[-1]
    assert paper.signed == ("Wati Sample", "Ketua")
    page = site.get(f"/v/{made.code}")
    assert page.status == 200
    for value in (paper.programme, paper.title, paper.name, *paper.signed, *(value for _, value in paper.facts)):
        assert value in page.words, value
    assert " ".join(paper.lines) in page.words
    assert "Sertifikat ini berlaku" in page.words
    assert "This certificate is valid" in page.words
    assert paper.link == f"{PUBLIC}/v/{made.code}"
    assert paper.check[1].endswith(f"jalin.example.org/v/{shown(made)}")


def test_a_paper_that_was_changed_is_told_by_the_page(chat: Chat, site: Site) -> None:
    """Whoever changes a name, a class, a day, the hours or the place on a paper has the code of the true one on it."""
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    data = site.get(f"/v/{made.code}.json").data
    assert data == {
        "code": made.code,
        "status": "valid",
        "kind": "class",
        "name": NAME,
        "programme": made.facts["programme"],
        "site": made.facts["site"],
        "title": "Foto Produk",
        "first_day": "2026-11-23",
        "last_day": "2026-11-23",
        "minutes": 120,
        "lesson_hours": 2,
        "classes_attended": None,
        "classes_held": None,
        "lessons": None,
        "signed_by": [],
        "issued_at": made.issued_at.isoformat(timespec="seconds"),
        "since": None,
    }
    page = site.get(f"/v/{made.code}").words
    assert "Kalau ada yang beda, kertasnya diubah orang" in page
    for forged in ("Siti Nur'aini, M.M.", "Foto Produk Lanjutan", "24 November", "4 jam", "Jayapura"):
        assert forged not in page


def test_the_page_is_small_and_has_no_script_no_cookie_and_nothing_from_elsewhere(chat: Chat, site: Site) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    for path in (f"/v/{made.code}", f"/v/{made.code}.json", "/v/0000000000", "/v/x"):
        answer = site.get(path)
        assert len(answer.body) <= LARGEST
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        body = answer.body.decode().lower()
        assert "<script" not in body
        assert not re.search(r"\b(?:src|href|action)\s*=|url\(|\bon\w+=", body)
    assert site.get(f"/v/{made.code}").headers["content-type"] == "text/html; charset=utf-8"
    assert site.get(f"/v/{made.code}.json").headers["content-type"] == "application/json"
    assert site.get(f"/v/{made.code}", method="POST").status == 405
    assert site.get(f"/v/{made.code}", method="HEAD").status == 200


def test_the_largest_page_is_small_and_its_words_stay_words(chat: Chat, site: Site) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti, "W" * 60)
    with chat.database.transaction() as db:
        row = db.get_one(Certificate, made.id)
        row.facts = {
            **row.facts, "title": '<script>alert("1")</script>' + "&" * 100, "programme": "<i>" * 60,
            "site": "'\"" * 60,
            "signed": ["<a href=x>" * 12, "&amp;" * 20],
        }  # fmt: skip
    page = site.get(f"/v/{made.code}")
    assert page.status == 200
    assert len(page.body) <= LARGEST
    for tag in (b"<script", b"<a ", b"<i>"):
        assert tag not in page.body
    assert '<script>alert("1")</script>' in page.words


def test_what_became_of_it_is_told(chat: Chat, site: Site) -> None:
    siti, _ = after_class(chat)
    old = taken(chat, siti, "Siti Amina")
    siti.taps("Perbaiki nama").types("Siti Aminah").taps("Benar, buat")
    new = issued(chat)[-1]
    page = site.get(f"/v/{old.code}")
    assert page.status == 200
    assert "sudah diganti" in page.words
    assert "Siti Amina" in page.words
    # the new one is for its holder alone
    assert not {new.code, shown(new), "Siti Aminah"} & set(page.words.split("\n"))
    told = site.get(f"/v/{old.code}.json").data
    assert (told["status"], told["since"]) == ("replaced", new.issued_at.isoformat(timespec="seconds"))

    admin = staffed(chat, "Rina", role=Role.ADMIN, site=None)
    admin.types("/sertifikat " + shown(new)).taps("Cabut").taps("Salah orang")
    page = site.get(f"/v/{new.code}")
    assert page.status == 200
    assert "Sertifikat ini dicabut" in page.words
    assert "Salah orang" not in page.words
    assert site.get(f"/v/{new.code}.json").data["status"] == "revoked"

    with chat.database.transaction() as db:
        privacy.erase(db, siti.account(db), siti.person(db), chat.now, chat.context.capabilities)
    for code in (old.code, new.code):
        page = site.get(f"/v/{code}")
        assert page.status == 410
        assert "tidak lagi tercatat" in page.words
        for left in ("Siti", "Foto Produk", "Labuan Bajo"):
            assert left not in page.words
        assert site.get(f"/v/{code}.json").data == {"code": code, "status": "gone"}


def test_a_later_change_of_attendance_changes_nothing_on_the_page(chat: Chat, site: Site) -> None:
    siti, session = after_class(chat)
    made = taken(chat, siti)
    before = site.get(f"/v/{made.code}").body
    came(chat, siti, session, present=False)
    with chat.database.transaction() as db:
        db.execute(text("UPDATE session SET title = 'Kelas lain', minutes = 30"))
    assert site.get(f"/v/{made.code}").body == before


def test_a_code_is_read_as_people_write_it_and_a_mistyped_one_is_unknown(chat: Chat, site: Site) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    like = made.code.replace("0", "o").replace("1", "l").lower()
    for written in (made.code, shown(made), like, shown(made).lower(), f" {made.code[:4]} {made.code[4:]} "):
        assert NAME in site.get(f"/v/{written}").words
    mistyped = {made.code[:at] + other + made.code[at + 1 :] for at in range(LENGTH) for other in ALPHABET}
    mistyped -= {made.code}
    mistyped |= {made.code[::-1], made.code[:-1], made.code + "0", "x", "A" * 41, "A" * 3_000, "%00", "\U0001f600"}
    asked = [(f"/v/{code}", f"198.51.{number // 250}.{number % 250}") for number, code in enumerate(sorted(mistyped))]
    for (path, _address), answer in zip(asked, site.get_all(asked), strict=True):
        assert answer.status == 404, path
        assert "Kode ini tidak dikenal" in answer.words
        assert NAME not in answer.words
    assert site.get("/v/x.json").data == {"code": "", "status": "unknown"}


def test_only_unknown_codes_are_limited_for_each_address(chat: Chat, site: Site) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    known, unknown = f"/v/{made.code}", "/v/0000000000"
    busy = "203.0.113.9"  # a carrier's: thousands of phones
    answers = site.get_all([(known, busy)] * 200 + [(unknown, busy)] * (UNKNOWN_A_MINUTE + 5) + [(known, busy)] * 5)
    assert {one.status for one in answers[:200]} == {200}
    assert {one.status for one in answers[200 : 200 + UNKNOWN_A_MINUTE]} == {404}
    late = answers[200 + UNKNOWN_A_MINUTE + 1 : -5]  # one more may have become free meanwhile
    assert {one.status for one in late} == {429}
    assert all(int(one.headers["retry-after"]) >= 1 for one in late)
    assert {one.status for one in answers[-5:]} == {200}
    assert site.get(unknown, "203.0.113.10").status == 404
    # of IPv6 a line has a whole network
    lines = [(unknown, f"2001:db8:1:2::{number:x}") for number in range(1, UNKNOWN_A_MINUTE + 3)]
    assert site.get_all(lines)[-1].status == 429
    assert site.get(unknown, "2001:db8:1:3::1").status == 404


def test_ten_thousand_guesses_find_nothing(chat: Chat, site: Site) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    before = len(audited(chat))
    asked = [(f"/v/{code}", f"198.18.{number % 200}.1") for number, code in enumerate(guesses(10_000))]
    answers = site.get_all(asked)
    assert {one.status for one in answers} <= {404, 429}
    assert sum(one.status == 404 for one in answers) < 10_000
    assert not any(NAME.encode() in one.body for one in answers)
    assert site.get(f"/v/{made.code}", "198.18.0.1").status == 200
    assert len(audited(chat)) == before, "nothing is kept of who asked"


@pytest.mark.parametrize(("trusted", "named"), [("127.0.0.1", True), ("192.0.2.1", False)])
def test_only_a_trusted_proxy_says_whose_request_it_is(chat: Chat, site: Site, trusted: str, named: bool) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()

    async def scene() -> list[int]:
        server = WebServer(site.app, trusted)
        serving = asyncio.create_task(server.serve_on(listener))
        try:
            async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=30) as client:

                async def ask(address: str) -> int:
                    found = await client.get("/v/0000000000", headers={"X-Forwarded-For": address})
                    return found.status_code

                first = [await ask("203.0.113.20") for _ in range(UNKNOWN_A_MINUTE + 3)]
                return [first[-1], await ask("203.0.113.21")]
        finally:
            server.should_exit = True
            await asyncio.wait([serving], timeout=10)

    assert chat._loop.run_until_complete(scene()) == [429, 404 if named else 429]


def test_a_database_that_is_away_is_told_and_nothing_is_guessed(
    chat: Chat, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)

    async def away(*_: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(chat.app.database, "read", away)
    monkeypatch.setattr(certificate_pages, "is_away", lambda problem: isinstance(problem, TimeoutError))
    answer = site.get(f"/v/{made.code}")
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert answer.headers["cache-control"] == "no-store"


def test_a_wave_is_told_with_its_days_classes_and_hours(chat: Chat, site: Site) -> None:
    with_wave(chat, classes=80)
    chat.look()
    siti, _ = after_class(chat)
    chat.travel(to=local(27, 8, 1))
    siti.types("/sertifikat").taps("Ambil sertifikat").types(NAME).taps("Benar, buat")
    (made,) = issued(chat)
    page = site.get(f"/v/{made.code}").words
    for told in ("Sertifikat penyelesaian", "hadir di 1 dari 1 kelas", "23 November", "25 November", "2 JP"):
        assert told in page, told
    data = site.get(f"/v/{made.code}.json").data
    assert (data["kind"], data["classes_attended"], data["classes_held"], data["title"]) == ("wave", 1, 1, None)
    assert (data["first_day"], data["last_day"]) == ("2026-11-23", "2026-11-25")
    assert made.issued_at - chat.now < timedelta(minutes=1)
