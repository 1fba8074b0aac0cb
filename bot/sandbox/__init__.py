"""Telegram on your own machine: a Bot API server, a chat page for a few sample people, and time that can be moved.

For tests it limits rates, makes faults, delivers by webhook, plays people by a script, and keeps a transcript and a
report of broken rules (docs/sandbox.md). `python -m bot.sandbox` runs it as a process of its own.

The bot talks to it over HTTP as to Telegram. Of the rest of `bot` it imports telegram.html alone, which tells how
Telegram reads HTML.

    siti = SamplePerson(101, "Siti", "participant")
    sandbox = Sandbox(folder, token="1:abc", bot_username="kelas_bot", people=[siti])
    uvicorn.Server(uvicorn.Config(sandbox.asgi, host="127.0.0.1", port=8080))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bot_api_server import Call
    from .page_api import TimeControl
    from .population_script import Script, Step
    from .rates import Rates
    from .server import SamplePerson, Sandbox

__all__ = ["Call", "Rates", "SamplePerson", "Sandbox", "Script", "Step", "TimeControl"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: `python -m bot` starts without a web server's imports.
    if name not in __all__:
        raise AttributeError(name)
    from . import bot_api_server, page_api, population_script, rates, server

    for module in (server, bot_api_server, page_api, population_script, rates):
        if name in vars(module):
            return vars(module)[name]
    raise AttributeError(name)
