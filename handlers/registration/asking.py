"""Which question comes next, and how each is put."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.buttons import HELP, back
from bot.actions.registration import (
    AskField,
    BreakOffRegistration,
    OfferContact,
    OfferLocation,
    PickSalutation,
    PickSector,
    PickSiteGroup,
    RemoveAnswer,
    SeeCard,
    SeeProfile,
    TakeTelegramName,
)
from bot.people.people import SECTORS, Salutation
from bot.programme import registration
from bot.programme.registration import Field
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.message import Button, Value
from handlers.registration.parts import CARD, CONSENT, REGISTRATION, take_keyboard_away
from handlers.registration.screens import ask_consent, greet, show_card, show_profile


def go_on(turn: Turn) -> None:
    """Continues after an answer: newcomers with the next missing answer, then the card; participants with their
    profile."""
    person = turn.somebody
    if turn.registered:
        return show_profile(turn)
    missing = registration.next_missing(person)
    if missing is None:
        show_card(turn)
    else:
        ask_field(turn, missing)


def ask_field(turn: Turn, field: Field, *, again: bool = False, in_place: bool = True) -> None:
    """Asks for a field. `again`: the last answer could not be read, so the question comes with an example."""
    rows: Sequence[Sequence[Button]]
    match field:
        case Field.SALUTATION:
            key = "registration.salutation_again" if again else "registration.salutation"
            rows = in_pairs([Button(f"people.salutation.{one}", PickSalutation(one)) for one in Salutation])
        case Field.NAME:
            key = "registration.name_again" if again else "registration.name"
            mine = Button("registration.button.telegram_name", TakeTelegramName())
            rows = [[mine]] if telegram_name(turn) else []
        case Field.SECTOR:
            key = "registration.sector_again" if again else "registration.sector"
            rows = in_pairs([Button(f"people.sector.{one}", PickSector(one)) for one in SECTORS])
        case Field.SITE:
            key = "registration.site_again" if again else "registration.site"
            rows = site_groups()
        case Field.PHONE:
            key = "registration.phone_again" if again else "registration.phone"
            rows = [[Button("button.share_contact", OfferContact())], *_empty(turn.somebody.phone)]
        case _:
            key = "registration.needs_again" if again else "registration.needs"
            rows = _empty(turn.somebody.needs)
    put_question(turn, field, key, rows, in_place=in_place)


def put_question(
    turn: Turn,
    field: Field,
    key: str,
    rows: Sequence[Sequence[Button]],
    *,
    in_place: bool = True,
    facts: dict[str, Value] | None = None,
) -> None:
    turn.ask(REGISTRATION, field)
    take_keyboard_away(turn)
    buttons = [*rows, [_way_back(turn, field), HELP]]
    if in_place:
        turn.show(key, facts, buttons=buttons)
    else:
        turn.say(key, facts, buttons=buttons)


def _way_back(turn: Turn, field: Field) -> Button:
    if turn.registered:
        return back(SeeProfile())
    if registration.next_missing(turn.somebody) is None:
        return back(SeeCard())
    at = registration.NEEDED.index(field) if field in registration.NEEDED else 0
    if at == 0:
        return Button("button.cancel", BreakOffRegistration())
    return back(AskField(registration.NEEDED[at - 1]))


def went_back(turn: Turn) -> None:
    """Handles "Kembali", written or tapped under the typing field."""
    field = Field(turn.account.state or Field.SALUTATION)
    if turn.draft.get("keyboard"):
        return ask_field(turn, field)
    if turn.registered or registration.next_missing(turn.somebody) is None:
        return go_on(turn)
    at = registration.NEEDED.index(field) if field in registration.NEEDED else 0
    ask_field(turn, registration.NEEDED[max(at - 1, 0)])


def question_asked_again(turn: Turn) -> None:
    state = turn.account.state
    if state == CONSENT:
        ask_consent(turn)
    elif turn.account.person is None:
        greet(turn, None)
    elif state == CARD:
        show_card(turn)
    else:
        ask_field(turn, Field(state or ""))


def field_picked(turn: Turn, action: AskField) -> None:
    """Asks for one field: after "Kembali", after "Ubah" on the card, or from the profile."""
    person, wanted = turn.somebody, action.field
    if wanted not in list(Field) or (wanted not in registration.NEEDED and not turn.registered):
        return go_on(turn)
    if turn.registered and action.origin is None and turn.account.state != wanted:
        # a "Kembali" of the registration, long since done: it must not wait for a new name unasked
        return go_on(turn)
    # a "Kembali" of long ago must not jump over what was never answered
    missing = registration.next_missing(person)
    field = Field(wanted)
    if missing is not None and registration.NEEDED.index(field) > registration.NEEDED.index(missing):
        field = missing
    ask_field(turn, field)


def telegram_name(turn: Turn) -> str | None:
    """Returns what Telegram says the person is called, if it looks like a name. Kept only if it is tapped."""
    sender = turn.update.effective_user
    return registration.readable_name(sender.first_name) if sender else None


def site_groups() -> list[list[Button]]:
    return [
        [
            Button("registration.button.sentra_ekraf", PickSiteGroup("sentra_ekraf")),
            Button("registration.button.destinasi", PickSiteGroup("destinasi")),
        ],
        [Button("button.share_location", OfferLocation())],
    ]


def _empty(value: str | None) -> list[list[Button]]:
    return [[Button("registration.button.empty", RemoveAnswer())]] if value else []
