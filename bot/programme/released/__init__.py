"""The ledger of what may leave the house: what reports, files and views tell, and nothing else.

    rules       what of people's answers may be printed: pure functions
    quarters    quarters of a year
    tables      the rows
    counting    what was answered in the rounds, as it is
    gathering   everything of a quarter, as counted
    releasing   what of it is printed, written into the ledger
    reading     what stands in the ledger, for pages and files
    data        what is owed of the table

Other packages import this one as a whole: `released.release`.
"""

from bot.programme.released.data import DATA
from bot.programme.released.gathering import Counted, gather
from bot.programme.released.quarters import Quarter, quarter_of, read_quarter
from bot.programme.released.reading import Figure, Reading, read, was_released
from bot.programme.released.releasing import WHOLE, write
from bot.programme.released.rules import FEW, PER_CENT_FROM, Word
from bot.programme.released.tables import Released, Topic

__all__ = [
    "DATA",
    "FEW",
    "PER_CENT_FROM",
    "WHOLE",
    "Counted",
    "Figure",
    "Quarter",
    "Reading",
    "Released",
    "Topic",
    "Word",
    "gather",
    "quarter_of",
    "read",
    "read_quarter",
    "was_released",
    "write",
]
