"""What the ledger of what was printed owes: nothing, for no person is in it."""

from __future__ import annotations

from typing import Final

from bot.capability import CapabilityData
from bot.programme.released.tables import Released

_CODES: Final = "A code, a site or a quarter: no person's."

DATA: Final = CapabilityData(
    "released",
    tables=(Released,),
    stays={
        f"released.{column}": _CODES for column in ("topic", "site_id", "code", "part", "period", "word", "word_before")
    },
)
