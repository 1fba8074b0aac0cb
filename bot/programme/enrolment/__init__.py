"""Seats: taking one, waiting for one, giving one back; offers to the next in line.

    tables    the rows
    outcomes  what the functions return
    seats     a person's own: taken, waited for, changed, given back, taken back
    kept      what was given back is kept for two minutes
    offers    a free seat goes to the next in line
    unplaced  who has no class to come
    data      what is owed of the tables

Other packages import this one as a whole: `enrolment.enrol`.
"""

from bot.programme.enrolment.data import DATA, classes_of
from bot.programme.enrolment.kept import LAST_HOUR, end, free, lock_in_order, locked
from bot.programme.enrolment.offers import offer_end, offers_to_come
from bot.programme.enrolment.outcomes import (
    AlreadySeated,
    AlreadyWaiting,
    Begun,
    Cancelled,
    Clash,
    Enrolled,
    Full,
    Left,
    Moved,
    NotEnrolled,
    OfferGone,
    Seated,
    StillTheirs,
    TakenBack,
    TooLate,
    Unknown,
    Waitlisted,
    Withdrawn,
)
from bot.programme.enrolment.seats import (
    changes,
    clash,
    counts,
    enrol,
    enrolment_of,
    free_seats,
    has_seat_for_newcomers,
    held,
    held_instead,
    leave_waitlists,
    mine,
    move,
    place_in_line,
    take_back,
    take_offered,
    withdraw,
    withdraw_all,
)
from bot.programme.enrolment.tables import (
    CAME,
    HOLDING,
    LIVE,
    ON_LIST,
    SEATS,
    SETTLED,
    TAKEN,
    Enrolment,
    EnrolmentStatus,
    KeptSeat,
)
from bot.programme.enrolment.unplaced import number_without_class, without_class

__all__ = [
    "CAME",
    "DATA",
    "HOLDING",
    "LAST_HOUR",
    "LIVE",
    "ON_LIST",
    "SEATS",
    "SETTLED",
    "TAKEN",
    "AlreadySeated",
    "AlreadyWaiting",
    "Begun",
    "Cancelled",
    "Clash",
    "Enrolled",
    "Enrolment",
    "EnrolmentStatus",
    "Full",
    "KeptSeat",
    "Left",
    "Moved",
    "NotEnrolled",
    "OfferGone",
    "Seated",
    "StillTheirs",
    "TakenBack",
    "TooLate",
    "Unknown",
    "Waitlisted",
    "Withdrawn",
    "changes",
    "clash",
    "classes_of",
    "counts",
    "end",
    "enrol",
    "enrolment_of",
    "free",
    "free_seats",
    "has_seat_for_newcomers",
    "held",
    "held_instead",
    "leave_waitlists",
    "lock_in_order",
    "locked",
    "mine",
    "move",
    "number_without_class",
    "offer_end",
    "offers_to_come",
    "place_in_line",
    "take_back",
    "take_offered",
    "withdraw",
    "withdraw_all",
    "without_class",
]
