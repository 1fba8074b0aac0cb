"""The commands that try the bot without Telegram: `sandbox`, and `preview` for one lesson."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.command_line.logs import set_up_logging
from bot.command_line.parts import SANDBOX, migrate_or_stop, only_one, settings_or_stop, stop_with
from bot.command_line.process import listen, make_app, stop_on_signal
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from bot.app import App
    from bot.operations.database_file import HeldFile

PREVIEW = ROOT / "data" / "preview"
PORTS = 20
"""How many ports after the wanted one are tried for the sandbox's page."""


def sandbox(
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew: forget the sandbox's chats and people.")] = False,
    data: Annotated[Path, typer.Option(help="The folder that keeps its state")] = SANDBOX,
) -> None:
    """Try the bot on a page in the browser, without Telegram."""
    _sandbox(data, fresh=fresh)


def preview(
    lesson: Annotated[str, typer.Argument(help="The lesson's id, for instance M01L1, or its file")],
    data: Annotated[Path, typer.Option(help="The folder of this sandbox; it begins anew each time")] = PREVIEW,
) -> None:
    """Look at a lesson as people will see it: a sandbox of its own in which Siti is registered and gets the lesson."""
    from bot.catalogue.content import load_content
    from bot.catalogue.lesson_files import read_lesson
    from bot.catalogue.yaml_files import ContentError

    try:
        lesson_id = read_lesson(Path(lesson).resolve())[0].id if lesson.endswith(".md") else lesson.upper()
        found = load_content(ROOT / "content").lesson(lesson_id)
    except ContentError as problems:
        stop_with(str(problems))
    if found is None:
        stop_with(f"there is no lesson {lesson_id} in content/lessons")
    _sandbox(data, fresh=True, lesson_id=found.id)


def _sandbox(data: Path, *, fresh: bool, lesson_id: str | None = None) -> None:
    from bot import demo

    database = data.resolve() / "bot.sqlite"
    settings = settings_or_stop(
        bot_token=demo.new_token(),
        database_url=f"sqlite:///{database}",
        admin_ids=(demo.ADMIN,),
        host="127.0.0.1",
    )
    settings = settings.model_copy(update={"privacy_contact": settings.privacy_contact or "0800-000-000 (contoh)"})
    set_up_logging(settings, quiet=True)
    with only_one(settings) as held:
        if fresh:
            _empty_database(database)
        migrate_or_stop(settings)
        asyncio.run(_rehearse(settings, database.parent, fresh, lesson_id, held))


async def _rehearse(
    settings: Settings, folder: Path, fresh: bool, lesson_id: str | None, held: HeldFile | None
) -> None:
    import uvicorn

    from bot import demo
    from bot.operations import certificate_pages, health
    from bot.processes import Role
    from bot.sandbox import Sandbox

    listener = listen("127.0.0.1", settings.port, PORTS)
    port = listener.getsockname()[1]
    settings = settings.model_copy(
        update={"bot_api_url": f"http://127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}"}
    )
    assert settings.bot_token is not None
    # the page first: the bot asks it who it is
    box = Sandbox(
        folder / "telegram",
        token=settings.bot_token.get_secret_value(),
        bot_username=demo.USERNAME,
        bot_name="Jalin (mode coba)",
        people=demo.PEOPLE,
        fresh=fresh,
    )
    page_routes = list(box.asgi.router.routes)

    def tell_health_of(app: App) -> None:
        box.asgi.router.routes[:] = [*health.routes(app), *certificate_pages.routes(app), *page_routes]

    def empty() -> None:
        _empty_database(folder / "bot.sqlite")
        migrate_or_stop(settings)

    demonstration = demo.Demonstration(
        box, partial(make_app, settings, Role.RUN, held), empty, tell_health_of, lesson_id=lesson_id
    )
    server = uvicorn.Server(uvicorn.Config(box.asgi, log_level="error", timeout_graceful_shutdown=2, lifespan="on"))
    page = asyncio.create_task(_web(server, listener))
    stop_on_signal(demonstration.stop, demonstration.reload)
    try:
        await demonstration.serve(lambda: print(f"Jalin (mode coba): http://127.0.0.1:{port}/", flush=True))
    finally:
        await box.stop()
        server.should_exit = True
        await asyncio.wait([page], timeout=3)
        box.close()


def _empty_database(path: Path) -> None:
    """Makes an SQLite database that this process holds an empty one, and removes what lies beside it."""
    for beside in path.parent.glob(f"{path.name}*"):
        if beside.suffix != ".lock" and beside != path:
            beside.unlink()
    if path.exists():
        os.truncate(path, 0)  # this process holds the file, and an empty file is a new database


async def _web(server: Any, listener: socket.socket) -> None:
    """Runs uvicorn without its own signal handling: stopping is decided by the app."""
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve([listener])
