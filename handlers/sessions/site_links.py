"""The link by which people register at a site, and its poster with a QR code, for trainers to pass on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.actions.buttons import back
from bot.actions.sessions import GetPoster, PickSiteLink, SeeMyClasses, SeeSiteLink, SeeUnplaced
from bot.catalogue.content import Site
from bot.documents import poster
from bot.documents.deep_links import site_link
from bot.documents.file_names import in_ascii
from bot.programme import enrolment
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import Button, File, Form, Link, Message, Poster, Share, Value, Words
from bot.words.typed_text import cleaned
from handlers.sessions.draft import own_sites

SITES: Final = 8
ASKED: Final = re.compile(
    r"(?:(?:minta|kirim|lihat|buat|cetak|mana) )?(?:poster|qr|kode qr|tautan|link|poster qr)"
    r"(?: (?:pendaftaran|daftar|lokasi|qr|registrasi|peserta))?",
    re.IGNORECASE,
)
"""The words by which staff ask for it."""


def links_asked_for(turn: Turn, action: PickSiteLink) -> None:
    turn.must_be_staff()
    sites = own_sites(turn)
    if len(sites) == 1:
        return _show(turn, sites[0])
    page = page_of(sites, action.page, SITES)
    names = [Button("sessions.button.site", SeeSiteLink(site.id), {"site": site.name}) for site in page.items]
    buttons: list[Sequence[Button]] = [names[at : at + 2] for at in range(0, len(names), 2)]
    if page.after:
        buttons.append([Button("sessions.button.more", PickSiteLink(page.after))])
    elif page.number:
        buttons.append([Button("sessions.button.first", PickSiteLink())])
    turn.show("sessions.links" if sites else "sessions.no_links", buttons=[*buttons, [back(SeeMyClasses())]])


def link_picked(turn: Turn, action: SeeSiteLink) -> None:
    site = _own_site(turn, action.site)
    if site is None:
        return links_asked_for(turn, PickSiteLink())
    _show(turn, site)


def _own_site(turn: Turn, site_id: str) -> Site | None:
    turn.must_be_staff()
    turn.must_lead(site_id)
    site = turn.content.site(site_id)
    return site if site is not None and site.active else None


def _show(turn: Turn, site: Site) -> None:
    link = Link(site_link(turn.bot_username, site.id))
    facts: dict[str, Value] = {"site": site.name, "link": link, "programme": turn.settings.programme_name}
    number = enrolment.number_without_class(turn.db, site.id, turn.now)
    turn.show(
        "sessions.link",
        facts,
        buttons=[
            [Button("sessions.button.share_link", share=Share(Words("sessions.share_link", facts)))],
            [Button("sessions.button.copy_link", values={"link": link}, copy="sessions.copied_link")],
            [
                Button("sessions.button.poster_pdf", GetPoster(site.id, "pdf")),
                Button("sessions.button.poster_png", GetPoster(site.id, "png")),
            ],
            [Button("sessions.button.unplaced", SeeUnplaced(site.id), {"n": number})],
            [back(SeeMyClasses())],
        ],
    )


def poster_asked_for(turn: Turn, action: GetPoster) -> None:
    """Sends the poster. It is drawn when it is sent, outside of the turn; Telegram is sent the same poster once."""
    site = _own_site(turn, action.site)
    if site is None:
        return links_asked_for(turn, PickSiteLink())
    link = site_link(turn.bot_username, site.id)
    drawing = Poster(
        link,
        turn.settings.programme_name,
        Words("sessions.poster.title"),
        site.name,
        tuple(Words(f"sessions.poster.step_{number}") for number in ("1", "2", "3", "4")),
        (
            Words("sessions.poster.needs"),
            Words("sessions.poster.address", {"link": Link(link.removeprefix("https://"))}),
            Words("sessions.poster.contact", {"contact": turn.content.contact(site.id) or turn.privacy_contact}),
        ),
    )
    name = f"poster-{in_ascii(site.name)}.{action.form}"
    form, mime = (Form.DOCUMENT, poster.PDF) if action.form == "pdf" else (Form.PHOTO, poster.PNG)
    key = "sessions.poster.pdf" if action.form == "pdf" else "sessions.poster.picture"
    turn.send(Message(key, {"site": site.name}, form=form, file=File(name, mime), poster=drawing))


def link_typed(turn: Turn) -> bool:
    """Handles "poster" or "link pendaftaran" typed by staff outside of a question. False: it is something else."""
    if not turn.staff or turn.account.conversation is not None or not ASKED.fullmatch(cleaned(turn.text)):
        return False
    links_asked_for(turn, PickSiteLink())
    return True
