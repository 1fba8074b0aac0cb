"""Announcements: what a trainer says to many at once. One row per copy in the outbox, all of them sharing one body.

An announcement is drafted, seen as it will arrive, and then sent, or put down for a moment. From there it is only
rows: written in one INSERT ... SELECT, stopped by dropping those that wait, corrected by rows that edit the copies.
While it goes out one message of the trainer's chat tells how far it has come; at the end the same message is the
report. What became of a copy is never guessed: one whose answer was lost is `unknown`, and offered to be sent again.

    tables      the rows
    audience    whom it is for, and how many can be reached
    outcomes    what the functions return
    content     what it says, and what can be changed in a copy
    speaking    the lines above: who speaks, and about which class
    drafting    a draft is kept, found and thrown away
    correcting  copies made right
    sending     sent now or later, stopped, sent again
    withdrawing copies taken out of chats
    progress    how far it has come, told to its author
    data        what becomes due, and what is owed of the table

Other packages import this one as a whole: `broadcasts.send`.
"""

from bot.programme.broadcasts.audience import (
    AUDIENCES,
    PARTS,
    About,
    Reach,
    held,
    meant,
    offered,
    people_meant,
    persons_meant,
    reach,
    seconds_for,
    site_of,
    would_hear,
)
from bot.programme.broadcasts.content import as_announced, in_place, length, merged, quote, room, too_long
from bot.programme.broadcasts.correcting import correction_reach
from bot.programme.broadcasts.data import DATA
from bot.programme.broadcasts.drafting import (
    classes_to_write_to,
    draft,
    find,
    latest,
    message_of,
    rewrite,
    said_in,
    set_groups,
)
from bot.programme.broadcasts.outcomes import (
    AlreadySent,
    Begun,
    Nobody,
    Over,
    Past,
    Replaced,
    Scheduled,
    Stopped,
    TooOld,
    Withdrawn,
)
from bot.programme.broadcasts.progress import say_to_author, tally, told, words_of
from bot.programme.broadcasts.sending import (
    call_off,
    end,
    mark_urgent,
    of_colleague,
    resend,
    schedule,
    send,
    stop,
    without_rights,
)
from bot.programme.broadcasts.speaking import with_head
from bot.programme.broadcasts.tables import Broadcast, BroadcastStatus, Group
from bot.programme.broadcasts.withdrawing import Copies, copies_of, withdraw, withdrawal_of

__all__ = [
    "AUDIENCES",
    "DATA",
    "PARTS",
    "About",
    "AlreadySent",
    "Begun",
    "Broadcast",
    "BroadcastStatus",
    "Copies",
    "Group",
    "Nobody",
    "Over",
    "Past",
    "Reach",
    "Replaced",
    "Scheduled",
    "Stopped",
    "TooOld",
    "Withdrawn",
    "as_announced",
    "call_off",
    "classes_to_write_to",
    "copies_of",
    "correction_reach",
    "draft",
    "end",
    "find",
    "held",
    "in_place",
    "latest",
    "length",
    "mark_urgent",
    "meant",
    "merged",
    "message_of",
    "of_colleague",
    "offered",
    "people_meant",
    "persons_meant",
    "quote",
    "reach",
    "resend",
    "rewrite",
    "room",
    "said_in",
    "say_to_author",
    "schedule",
    "seconds_for",
    "send",
    "set_groups",
    "site_of",
    "stop",
    "tally",
    "told",
    "too_long",
    "with_head",
    "withdraw",
    "withdrawal_of",
    "without_rights",
    "words_of",
    "would_hear",
]
