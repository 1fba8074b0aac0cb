"""Stopping messages, starting them again, erasing data: the screens that ask first."""

from __future__ import annotations

from bot.actions.buttons import only_these
from bot.actions.menu import OpenMenu
from bot.actions.privacy import EraseData, RestartMessages, StopMessages
from bot.people.people import persons_of
from bot.programme import privacy
from bot.turns.for_whom import ask_for_whom
from bot.turns.turn import Turn
from bot.words.message import Button
from handlers.understanding.parts import erase_button


def stop_messages(turn: Turn) -> None:
    yes = Button("understanding.button.stop", StopMessages())
    some = only_these(privacy.may_stop_alone(turn.anybody))
    no = Button("understanding.button.go_on", OpenMenu())
    several = len([one for one in persons_of(turn.db, turn.account) if one.name]) > 1
    key = "understanding.stop"
    if several:  # a part is spoken of only where it can be chosen
        key = "understanding.stop_for_all" if some else "understanding.stop_for_everybody"
    turn.show(key, buttons=[[yes], some, [no, erase_button()]])


def restart_messages(turn: Turn) -> None:
    turn.show("understanding.restart", buttons=[[Button("privacy.button.restart", RestartMessages())]])


def erase_data(turn: Turn) -> None:
    """Shows the screen that asks about erasing. If several people share the phone, asks first whose data. A person who
    never consented is asked here, because the tap forgets them at once."""
    named = [one for one in persons_of(turn.db, turn.account) if one.name]
    if len(named) > 1:
        ask_for_whom(turn, [(one, EraseData(person=one.id)) for one in named])
    elif turn.account.person is not None:
        turn.follow(EraseData())
    else:
        turn.say("understanding.stranger_leaves", buttons=[[erase_button()]])
