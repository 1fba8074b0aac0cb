"""Telegram on your own machine: a Bot API server, a chat page for a few sample people, and time that can be moved.

The bot talks to it over HTTP as to Telegram. Nothing here imports any other part of `bot`.

    siti = SamplePerson(101, "Siti", "participant")
    sandbox = Sandbox(folder, token="1:abc", bot_username="kelas_bot", people=[siti])
    uvicorn.Server(uvicorn.Config(sandbox.asgi, host="127.0.0.1", port=8080))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bot_api import Call
    from .page_api import TimeControl
    from .server import SamplePerson, Sandbox

__all__ = ["Call", "SamplePerson", "Sandbox", "TimeControl"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the desk check needs `entities` alone, which is quick without a web server's imports.
    if name not in __all__:
        raise AttributeError(name)
    from . import bot_api, page_api, server

    for module in (server, bot_api, page_api):
        if name in vars(module):
            return vars(module)[name]
    raise AttributeError(name)
