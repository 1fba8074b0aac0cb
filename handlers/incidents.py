"""A breach of data (/insiden, for admins): who is touched, the notice, and the time that the law gives.

admin: /insiden -> whose data -> known since when -> what happened -> what is done -> the notice -> sent
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.actions.buttons import MENU, back
from bot.actions.incidents import (
    AskSince,
    BeginIncident,
    ConsiderDropping,
    DropIncident,
    GetLetter,
    GetTouched,
    OpenIncident,
    RewriteIncident,
    SeeIncident,
    SendNotice,
    StopWriting,
)
from bot.capability import Capability, Command, Handlers
from bot.documents.xlsx_writer import MIME
from bot.programme import incidents
from bot.programme.incidents import Incident
from bot.turns.pages import in_pairs, page_of
from bot.turns.router import Conversation, command, tap, typed
from bot.turns.turn import Turn
from bot.words.message import At, Button, File, Form, Message, Sheet, Style, Value, Who, Words

INCIDENT: Final = "incidents"
WHAT: Final = "what"
DONE: Final = "done"
PAGE: Final = 6
HOURS: Final = (0, 3, 12, 24, 48)
"""How long ago it may have become known, as offered."""
FILE: Final = "peserta-terdampak.xlsx"


def handlers() -> Handlers:
    conversation = Conversation(
        INCIDENT,
        entry_points=[tap(OpenIncident, opened), tap(RewriteIncident, rewritten)],
        states={WHAT: [typed(what_written)], DONE: [typed(done_written)]},
        fallbacks=[command("batal", writing_stopped), tap(StopWriting, writing_stopped)],
        resume=asked_again,
    )
    return [
        conversation,
        command("insiden", command_given),
        tap(BeginIncident, begun),
        tap(AskSince, since_asked_for),
        tap(SeeIncident, shown),
        tap(SendNotice, sent),
        tap(GetTouched, list_asked_for),
        tap(GetLetter, letter_asked_for),
        tap(ConsiderDropping, dropping_considered),
        tap(DropIncident, dropped),
    ]


CAPABILITY: Final = Capability(
    "incidents", handlers, commands=(Command("insiden", "admin", place=45),), data=incidents.DATA
)


def command_given(turn: Turn) -> None:
    turn.must_be_admin()
    found = incidents.under_way(turn.db)
    if found is not None:
        return _show(turn, found)
    begun(turn, BeginIncident())


def begun(turn: Turn, action: BeginIncident) -> None:
    turn.must_be_admin()
    page = page_of([site for site in turn.content.sites if site.timezone], action.page, PAGE)
    names = [Button("incidents.button.site", AskSince(site.id), {"site": site.name}) for site in page.items]
    buttons: list[Sequence[Button]] = [[Button("incidents.button.everybody", AskSince())]]
    buttons += in_pairs(names)
    if page.after:
        buttons.append([Button("staff.button.more", BeginIncident(page.after))])
    turn.show("incidents.begin", buttons=buttons)


def since_asked_for(turn: Turn, action: AskSince) -> None:
    turn.must_be_admin()
    if action.site and turn.content.site(action.site) is None:
        return begun(turn, BeginIncident())
    since = [
        Button("incidents.button.just_now" if not hours else "incidents.button.hours", OpenIncident(action.site, hours),
               {"n": hours} if hours else {})
        for hours in HOURS
    ]  # fmt: skip
    turn.show("incidents.since", buttons=[since[:1], since[1:3], since[3:], [back(BeginIncident())]])


def opened(turn: Turn, action: OpenIncident) -> None:
    """Opens an incident, unless one is under way: then that one is shown. The 72 hours count from `action.hours` hours
    ago, when the breach became known. Asks what happened."""
    turn.must_be_admin()
    found = incidents.under_way(turn.db)
    if found is not None:
        return _show(turn, found)
    if action.hours not in HOURS or (action.site and turn.content.site(action.site) is None):
        return begun(turn, BeginIncident())
    known_at = turn.now - timedelta(hours=action.hours)
    incident = incidents.open_incident(turn.db, turn.account, action.site or None, known_at, turn.now)
    turn.note("incident_opened", f"incident:{incident.id}", site_id=incident.site_id)
    turn.enter(INCIDENT, WHAT, incident=incident.id)
    _ask(turn)


def rewritten(turn: Turn, action: RewriteIncident) -> None:
    turn.must_be_admin()
    incident = incidents.get(turn.db, action.incident)
    if incident is None or _is_over(incident):
        return _over(turn)
    turn.enter(INCIDENT, WHAT, incident=incident.id)
    _ask(turn)


def asked_again(turn: Turn) -> None:
    _ask(turn)


def _ask(turn: Turn) -> None:
    state = turn.account.state or WHAT
    stop = [Button("incidents.button.stop", StopWriting())]
    turn.say(f"incidents.{state}", buttons=[stop])
    turn.ask(INCIDENT, state)


def _written(turn: Turn) -> str | None:
    """Returns what the admin wrote; None if it is too long, which has been told."""
    turn.must_be_admin()
    text = turn.text.strip()
    if len(text) <= incidents.LETTERS:
        return text
    turn.say("incidents.too_long", n=incidents.LETTERS, plain=True)
    _ask(turn)
    return None


def what_written(turn: Turn) -> None:
    text = _written(turn)
    if text is None:
        return
    turn.keep(what=text)
    turn.ask(INCIDENT, DONE)
    _ask(turn)


def done_written(turn: Turn) -> None:
    text = _written(turn)
    if text is None:
        return
    incident, what = incidents.get(turn.db, turn.draft.get("incident", 0)), turn.draft.get("what", "")
    turn.leave(INCIDENT)
    if incident is None or _is_over(incident):
        return _over(turn)
    incident.what, incident.done = what, text
    turn.db.flush()
    _show(turn, incident)


def writing_stopped(turn: Turn) -> None:
    turn.leave(INCIDENT)
    turn.show("incidents.stopped")


def shown(turn: Turn, action: SeeIncident) -> None:
    turn.must_be_admin()
    incident = incidents.get(turn.db, action.incident)
    if incident is None:
        return _over(turn)
    _show(turn, incident)


def _show(turn: Turn, incident: Incident) -> None:
    """Shows the notice word for word, to how many people it goes, and until when they must be told."""
    touched = incidents.touched(turn.db, incident)
    values = _facts(turn, incident) | {"n": touched.in_chat, "without": touched.without}
    files = [
        Button("incidents.button.list", GetTouched(incident.id)),
        Button("incidents.button.letter", GetLetter(incident.id)),
    ]
    if incident.sent_at is not None:
        turn.say("incidents.sent_before", values, buttons=[files], secret=True)
        return
    if incident.dropped_at is not None:
        return _over(turn)
    rewrite = Button("incidents.button.rewrite", RewriteIncident(incident.id))
    no = Button("incidents.button.drop", ConsiderDropping(incident.id))
    if not incident.what or not incident.done:
        turn.say("incidents.unwritten", values, buttons=[[rewrite], files, [no]])
        return
    send = Button(
        "incidents.button.send", SendNotice(incident.id, incidents.version(incident)), {"n": touched.in_chat},
        style=Style.DANGER,
    )  # fmt: skip
    turn.say("incidents.preview", values, buttons=[[send], [rewrite], files, [no]], secret=True)


def _facts(turn: Turn, incident: Incident) -> dict[str, Value]:
    site = turn.content.site(incident.site_id or "")
    return {
        "site": site.name if site else Words("incidents.everywhere"),
        "known": At(incident.known_at, incidents.ZONE),
        "until": At(incident.known_at + incidents.GIVEN, incidents.ZONE),
        "what": incident.what or "…",
        "done": incident.done or "…",
        "controller": turn.settings.data_controller,
        "contact": turn.privacy_contact,
    }


def sent(turn: Turn, action: SendNotice) -> None:
    turn.must_be_admin()
    incident = incidents.get(turn.db, action.incident)
    if incident is None:
        return _over(turn)
    match incidents.send(turn.db, incident, action.version, turn.now, turn.settings):
        case incidents.Sent(people):
            turn.note("incident_sent", f"incident:{incident.id}", site_id=incident.site_id, people=people)
            letter = Button("incidents.button.letter", GetLetter(incident.id))
            without = incidents.touched(turn.db, incident).without
            listed = Button("incidents.button.list", GetTouched(incident.id))
            turn.show("incidents.sent", n=people, without=without, buttons=[[letter, listed]])
        case incidents.Otherwise():
            turn.toast("menu.stale")
            _show(turn, incident)
        case incidents.Over():
            _show(turn, incident)


def list_asked_for(turn: Turn, action: GetTouched) -> None:
    """Sends the list of people touched. Their names are put in when the message is sent, and its row is emptied
    then."""
    turn.must_be_admin()
    incident = incidents.get(turn.db, action.incident)
    if incident is None:
        return _over(turn)
    found = incidents.list_of(turn.db, incident)
    turn.note("incident_list_taken", f"incident:{incident.id}", site_id=incident.site_id, rows=len(found))
    head = tuple(
        Words(key)
        for key in ("incidents.head.name", "incidents.head.site", "incidents.head.phone", "incidents.head.chat")
    )
    rows = []
    for number, site_id, phone, reached in found:
        site = turn.content.site(site_id or "")
        chat = Words("incidents.chat.yes" if reached else "incidents.chat.no")
        rows.append((Who(number), site.name if site else None, phone, chat))
    sheet = Sheet(Words("incidents.head.title"), head, tuple(rows))
    message = Message(
        "incidents.file", {"n": len(found)}, form=Form.DOCUMENT, file=File(FILE, MIME), sheets=(sheet,), secret=True
    )
    turn.send(message)


def letter_asked_for(turn: Turn, action: GetLetter) -> None:
    turn.must_be_admin()
    incident = incidents.get(turn.db, action.incident)
    if incident is None:
        return _over(turn)
    touched = incidents.touched(turn.db, incident)
    values = _facts(turn, incident) | {"n": touched.in_chat + touched.without}
    turn.say("incidents.letter", values, secret=True)


def dropping_considered(turn: Turn, action: ConsiderDropping) -> None:
    turn.must_be_admin()
    incident = incidents.get(turn.db, action.incident)
    if incident is None or _is_over(incident):
        return _over(turn)
    yes = Button("incidents.button.drop_now", DropIncident(incident.id))
    turn.show("incidents.drop", buttons=[[yes], [back(SeeIncident(incident.id))]])


def dropped(turn: Turn, action: DropIncident) -> None:
    turn.must_be_admin()
    incident = incidents.get(turn.db, action.incident)
    if incident is None or not incidents.drop(turn.db, incident, turn.now):
        return _over(turn)
    turn.note("incident_dropped", f"incident:{incident.id}", site_id=incident.site_id)
    turn.show("incidents.dropped", buttons=[[MENU]])


def _is_over(incident: Incident) -> bool:
    return incident.sent_at is not None or incident.dropped_at is not None


def _over(turn: Turn) -> None:
    turn.show("incidents.over", buttons=[[Button("incidents.button.begin", BeginIncident())]])
