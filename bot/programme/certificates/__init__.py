"""Certificates: of a class attended, and of a wave completed. A person takes one by a tap, after their name was asked
for; what is printed is frozen then, and anybody can check it by its code.

    codes     the code: made, shown, read as people type it
    names     the name as it is printed
    tables    the rows
    facts     what is printed, and how it is told
    standing  what a person can have, and what is missing
    issuing   issued, corrected, revoked, found by the code
    telling   people are told that they can have one
    data      what is owed of the tables

Other packages import this one as a whole: `certificates.issue`.
"""

from bot.programme.certificates.codes import LINK, read_code, shown
from bot.programme.certificates.data import DATA
from bot.programme.certificates.facts import Facts, days_of, lines_of, printed, rows_of, title_of
from bot.programme.certificates.issuing import (
    AskAdmin,
    HasIt,
    Issued,
    NotEarned,
    NotFound,
    Printer,
    SameName,
    TooManyTries,
    allow_rename,
    counting,
    find,
    find_held,
    issue,
    look_up,
    may_rename,
    no_longer_fits,
    number_counting,
    of_class,
    rename,
    revoke,
    revoke_all,
)
from bot.programme.certificates.names import NameTrouble, printed_name
from bot.programme.certificates.standing import Part, Standing, WaveStanding, standing
from bot.programme.certificates.tables import (
    Certificate,
    CertificateKind,
    CertificateNews,
    CertificateWave,
    Revoked,
    Status,
)
from bot.programme.certificates.telling import earned_since

__all__ = [
    "DATA",
    "LINK",
    "AskAdmin",
    "Certificate",
    "CertificateKind",
    "CertificateNews",
    "CertificateWave",
    "Facts",
    "HasIt",
    "Issued",
    "NameTrouble",
    "NotEarned",
    "NotFound",
    "Part",
    "Printer",
    "Revoked",
    "SameName",
    "Standing",
    "Status",
    "TooManyTries",
    "WaveStanding",
    "allow_rename",
    "counting",
    "days_of",
    "earned_since",
    "find",
    "find_held",
    "issue",
    "lines_of",
    "look_up",
    "may_rename",
    "no_longer_fits",
    "number_counting",
    "of_class",
    "printed",
    "printed_name",
    "read_code",
    "rename",
    "revoke",
    "revoke_all",
    "rows_of",
    "shown",
    "standing",
    "title_of",
]
