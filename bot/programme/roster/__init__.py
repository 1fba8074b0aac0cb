"""The list of people of a class, and what staff do with it: free a seat, move somebody, add somebody who came without
a seat.

    entries  who has a seat, is offered one, waits for one
    moving   a seat is freed, somebody is moved
    reading  names as they are written down, one on a line
    known    people whom a name may mean
    seats    a seat for somebody who stands before the trainer, registered or not
    telling  people hear what was done with their seat

Other packages import this one as a whole: `roster.entries`.
"""

from bot.programme.roster.entries import LATE, ORAL, Entry, Numbers, entries, entry, numbers_of
from bot.programme.roster.known import ALIKE, Known, alike, folded, known_of, likeness_of, people_called
from bot.programme.roster.moving import free, move
from bot.programme.roster.reading import Unread, Written, is_of_several, number_in, people_in, person_in
from bot.programme.roster.seats import (
    Added,
    Closed,
    Full,
    HadSeat,
    OthersWait,
    SeveralAdded,
    add_known,
    add_walk_ins,
    has_begun,
    may_be_added_to,
)

__all__ = [
    "ALIKE",
    "LATE",
    "ORAL",
    "Added",
    "Closed",
    "Entry",
    "Full",
    "HadSeat",
    "Known",
    "Numbers",
    "OthersWait",
    "SeveralAdded",
    "Unread",
    "Written",
    "add_known",
    "add_walk_ins",
    "alike",
    "entries",
    "entry",
    "folded",
    "free",
    "has_begun",
    "is_of_several",
    "known_of",
    "likeness_of",
    "may_be_added_to",
    "move",
    "number_in",
    "numbers_of",
    "people_called",
    "people_in",
    "person_in",
]
