"""Moves the present of every Python that is started with this folder on its PYTHONPATH: see tests/days.py."""

import os
import time

import time_machine

if "JALIN_TIME_SHIFT" in os.environ:
    ahead = float(os.environ["JALIN_TIME_SHIFT"])
    # monotonic time is left alone: event loops, leases and pacing run as ever
    present = time_machine.travel(time.time() + ahead, tick=True).start()
    # what the start itself has taken
    present.shift(time_machine.escape_hatch.time.time() + ahead - time.time())
