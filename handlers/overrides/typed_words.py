"""Words typed for settings: "pengaturan", a topic of it, or a site's name below the list of sites."""

from __future__ import annotations

import re
from typing import Final

from bot.actions.overrides import ChangeSetting, SeeSettings, SeeSiteSettings
from bot.overridable import What
from bot.turns.turn import Turn
from bot.words.typed_text import cleaned
from handlers.overrides.looking import change_wanted, settings_asked_for, site_asked_for

_BEGINS: Final = r"(?:(?:lihat|ubah|ganti|atur|buka|tambah|setel|set|mau ubah|mau atur)\s+)"
_ALL: Final = re.compile(rf"{_BEGINS}?(?:pengaturan|setelan|setting|settings)", re.IGNORECASE)
_SITE: Final = re.compile(
    rf"(?:{_BEGINS}?(?:pengaturan|setelan)|atur\s+lokasi)\s+(?:lokasi\s+)?(?P<site>\S.{{1,60}})", re.IGNORECASE
)
_TOPICS: Final = {
    What.HOLIDAYS: re.compile(rf"{_BEGINS}?(?:hari libur|tanggal merah)", re.IGNORECASE),
    What.HOURS: re.compile(rf"{_BEGINS}(?:jam (?:kirim|buka|pesan)(?: pesan)?)", re.IGNORECASE),
    What.SEATS: re.compile(rf"{_BEGINS}(?:jumlah )?kursi (?:per )?kelas", re.IGNORECASE),
    What.LEADS: re.compile(rf"{_BEGINS}(?:pengingat kelas|waktu pengingat|jam pengingat)", re.IGNORECASE),
}


def settings_typed(turn: Turn) -> bool:
    """Handles what an admin types outside of a question. False: it is something else."""
    if not turn.admin or turn.account.conversation is not None:
        return False
    typed = cleaned(turn.text)
    if _ALL.fullmatch(typed):
        settings_asked_for(turn, SeeSettings())
        return True
    for what, pattern in _TOPICS.items():
        if pattern.fullmatch(typed):
            change_wanted(turn, ChangeSetting(what))
            return True
    newest = turn.newest.said
    named = _SITE.fullmatch(typed)
    if named is None and (newest is None or newest.key != "overrides.which_site" or len(typed) > 60):
        return False
    found = turn.content.search_sites(named["site"] if named else typed)
    if not found or (named is None and turn.content.way_out(typed)):
        return False
    site_asked_for(turn, SeeSiteSettings(found[0].id))
    return True
