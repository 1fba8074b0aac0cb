"""A process and its surroundings: the app in it, its port, its signals, the garbage collector, its end."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from bot.command_line.parts import NOT_NOW, stop_with
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App
    from bot.operations.database_file import HeldFile
    from bot.processes import Role

GARBAGE = 10_000
"""The garbage collector looks for cycles after this many new containers."""


def make_app(settings: Settings, role: Role, held: HeldFile | None = None) -> App:
    gc.disable()  # as at the start of `__main__`
    try:
        from bot.app import App
        from bot.catalogue.yaml_files import ContentError

        try:
            return App(settings, role=role, held_file=held)
        except (ContentError, ValueError) as problem:  # ValueError: a wrong line in a .po file
            stop_with(str(problem))
    finally:
        gc.freeze()
        gc.enable()


def listen(host: str, port: int, tries: int) -> socket.socket:
    """Returns a socket that listens on the wanted port, or on the next free one."""
    for candidate in range(port, min(port + tries, 65536)):
        # said in full: asyncio turns Nagle's delay off only for sockets that say they are TCP
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as problem:
            listener.close()
            if isinstance(problem, socket.gaierror) or problem.errno == errno.EADDRNOTAVAIL:
                stop_with(f"HOST: {host} is no address of this machine")
            if problem.errno == errno.EACCES:
                stop_with(f"PORT: {candidate} may not be opened by this user; take one from 1024 on")
            continue
        return listener
    taken = f"PORT: {port} is taken" if tries == 1 else f"PORT: {port} to {port + tries - 1} are all taken"
    stop_with(taken, NOT_NOW)


def stop_on_signal(stop: Callable[[], None], reload: Callable[[], object]) -> None:
    """SIGINT and SIGTERM stop; SIGHUP reads content and words again."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    at_terminal = os.isatty(0)

    def hung_up() -> None:
        # a closed terminal sends the same signal, and nobody else could stop the process then
        (stop if at_terminal and not os.isatty(0) else reload)()

    loop.add_signal_handler(signal.SIGHUP, hung_up)


def call_the_collector_less() -> None:
    """Makes garbage collection rarer. Libraries, content and words stay in memory as long as the process serves, so the
    collector need not go through them again; and turns leave few cycles. This makes a turn at least a tenth cheaper."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def end_at_once() -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
