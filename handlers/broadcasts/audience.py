"""The audience of an announcement: its kind, then its site, class or module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.broadcasts import (
    AddAudience,
    BeginAnnouncement,
    LookForAudience,
    PickAudience,
    PickPart,
    SeeAnnouncements,
    SeePreview,
)
from bot.actions.buttons import back
from bot.programme import broadcasts, sessions
from bot.programme.broadcasts import About, BroadcastStatus, Group
from bot.turns.class_buttons import class_button
from bot.turns.pages import in_pairs, page_of
from bot.turns.turn import Turn
from bot.words.action import MAX_DIGITS
from bot.words.message import Button
from handlers.broadcasts.announcement import BROADCASTS, CONTENT, PREVIEW, draft_of, find, show_preview
from handlers.broadcasts.writing import ask_content

PAGE: Final = 5
"""How many classes, sites or modules are on one screen."""


def announcement_begun(turn: Turn) -> None:
    turn.must_be_staff()
    turn.leave(BROADCASTS)
    old = [Button("broadcasts.button.old", SeeAnnouncements())]
    turn.show("broadcasts.audience", buttons=[*_audiences(turn), old])


def part_asked_for(turn: Turn) -> None:
    """Asks which part of a class: who came, who did not, who has not answered, who waits."""
    turn.must_be_staff()
    buttons = [Button(f"broadcasts.button.to.{kind}", LookForAudience(kind)) for kind in broadcasts.PARTS]
    turn.show("broadcasts.which_part", buttons=[buttons[:2], buttons[2:], _back(turn)])


def _audiences(turn: Turn) -> list[Sequence[Button]]:
    buttons = []
    for audience in broadcasts.offered(turn.content, admin=turn.admin):
        if audience.kind in broadcasts.PARTS:
            if audience.kind == broadcasts.PARTS[0]:
                buttons.append(Button("broadcasts.button.part", PickPart()))
            continue
        if audience.kind == "mine" and turn.admin:
            continue  # all sites are theirs: that is everyone
        if audience.kind == "site" and len(turn.staff_sites) == 1:
            continue
        step = "to" if audience.about is About.NOTHING else "pick"
        label = f"broadcasts.button.to.{audience.kind}"
        if step == "to":
            buttons.append(Button(label, PickAudience(audience.kind)))
        else:
            buttons.append(Button(label, LookForAudience(audience.kind)))
    return in_pairs(buttons)


def audience_looked_for(turn: Turn, action: LookForAudience) -> None:
    """Asks which site, class or module."""
    turn.must_be_staff()
    kind, page = action.kind, action.page
    audience = broadcasts.AUDIENCES.get(kind)
    if audience is None or audience.about is About.NOTHING or not audience.can_be_offered(turn.content):
        return begin_anew(turn)
    match audience.about:
        case About.MODULE:
            _show_modules(turn, kind, page)
        case About.SITE:
            _show_sites(turn, kind, "to", page)
        case _ if not action.site and len(turn.staff_sites) > 1:
            _show_sites(turn, kind, "pick", page)
        case _:
            site = action.site or next(iter(turn.staff_sites))
            turn.must_lead(site)
            _show_classes(turn, kind, site, page)


def begin_anew(turn: Turn) -> None:
    turn.follow(BeginAnnouncement())


def _back(turn: Turn) -> list[Button]:
    adding = turn.draft.get("adding") if turn.account.conversation == BROADCASTS else None
    if adding is not None:
        return [back(SeePreview(adding))]
    return [back(BeginAnnouncement())]


def _show_sites(turn: Turn, kind: str, step: str, number: int) -> None:
    page = page_of([one for one in turn.content.sites if one.id in turn.staff_sites and one.timezone], number, PAGE)
    buttons = [
        [
            Button("enrolment.button.site", PickAudience(kind, site.id), {"site": site.name})
            if step == "to"
            else Button("enrolment.button.site", LookForAudience(kind, site=site.id), {"site": site.name})
        ]
        for site in page.items
    ]
    turn.show("broadcasts.which_site", buttons=[*buttons, *_more(page.after, kind), _back(turn)])


def _show_classes(turn: Turn, kind: str, site: str, number: int) -> None:
    page = page_of(broadcasts.classes_to_write_to(turn.db, site, turn.now, kind=kind), number, PAGE)
    if not page.items:
        key = "broadcasts.no_classes_begun" if kind in ("came", "absent") else "broadcasts.no_classes"
        turn.show(key, buttons=[_back(turn)])
        return
    buttons = [[class_button(turn, session, PickAudience(kind, str(session.id)))] for session in page.items]
    turn.show("broadcasts.which_class", buttons=[*buttons, *_more(page.after, kind, site), _back(turn)])


def _show_modules(turn: Turn, kind: str, number: int) -> None:
    page = page_of(turn.content.modules, number, PAGE)
    buttons = [
        [Button("broadcasts.button.module", PickAudience(kind, module.id), {"module": module.title})]
        for module in page.items
    ]
    turn.show("broadcasts.which_module", buttons=[*buttons, *_more(page.after, kind), _back(turn)])


def _more(after: int | None, kind: str, site: str = "") -> list[list[Button]]:
    if not after:
        return []
    return [[Button("enrolment.button.more", LookForAudience(kind, after, site))]]


def _picked(turn: Turn, action: PickAudience) -> Group | None:
    """Returns the group of the button; None for a forged or stale one. Refuses people who may not write to it."""
    kind, subject = action.kind, action.subject
    audience = broadcasts.AUDIENCES.get(kind)
    if audience is None or not audience.can_be_offered(turn.content):
        return None
    if audience.of_admins:
        turn.must_be_admin()
    match audience.about:
        case About.NOTHING:
            return Group(kind)
        case About.SITE:
            turn.must_lead(subject)
            return Group(kind, subject) if turn.content.site(subject) else None
        case About.CLASS:
            number = subject if subject.isascii() and subject.isdigit() and len(subject) <= MAX_DIGITS else "0"
            session = sessions.get(turn.db, int(number))
            if session is None:
                return None
            turn.must_lead(session.site_id)
            return Group(kind, str(session.id))
        case _:
            modules = turn.content.modules
            return Group(kind, subject) if any(module.id == subject for module in modules) else None


def audience_picked(turn: Turn, action: PickAudience) -> None:
    turn.must_be_staff()
    group = _picked(turn, action)
    if group is None:
        return begin_anew(turn)
    mine = turn.account.conversation == BROADCASTS
    adding = find(turn, turn.draft.get("adding")) if mine else None
    if adding is not None and adding.status == BroadcastStatus.DRAFT:
        groups = [group] if turn.draft.get("instead") else [*adding.groups, group]
        broadcasts.set_groups(turn.db, adding, groups, content=turn.content)
        turn.keep(adding=None)
        return show_preview(turn, adding)
    turn.enter(BROADCASTS, CONTENT, groups=[[group.kind, group.subject]])
    ask_content(turn)


def more_asked_for(turn: Turn, action: AddAudience) -> None:
    """Asks for another audience of this draft, or for one in the place of what it has."""
    broadcast = draft_of(turn, action.broadcast)
    if broadcast is None:
        return
    turn.ask(BROADCASTS, PREVIEW)
    turn.keep(adding=broadcast.id, broadcast=broadcast.id, instead=action.instead)
    key = "broadcasts.audience_instead" if action.instead else "broadcasts.audience_more"
    turn.show(key, buttons=[*_audiences(turn), _back(turn)])
