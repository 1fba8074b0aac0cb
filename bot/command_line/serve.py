"""The commands that serve the real Telegram: `run`, and `web`, `worker` and `sender`, which share its work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from bot.command_line.logs import set_up_logging
from bot.command_line.parts import (
    NOT_NOW,
    WRONG,
    is_sqlite,
    only_one,
    settings_or_stop,
    stop_with,
    trouble_migrating,
    trouble_with_schema,
)
from bot.command_line.process import call_the_collector_less, end_at_once, listen, make_app, stop_on_signal
from bot.database_trouble import why
from bot.settings import Settings, SettingsError, for_service, unknown_names
from bot.version import full_version

if TYPE_CHECKING:
    from bot.app import App
    from bot.operations.database_file import HeldFile
    from bot.operations.web_server import WebServer


def run() -> None:
    """Serve the real Telegram (BOT_TOKEN), everything in this one process: by webhook if WEBHOOK_URL is set, else by
    long polling."""
    settings = _settings_for_service()
    with only_one(settings) as held:
        asyncio.run(_serve(settings, "run", trouble_migrating, held))


def web() -> None:
    """Run one of several processes (PostgreSQL): receives updates through the webhook (WEBHOOK_URL)."""
    settings = _settings_for_service()
    if settings.webhook_url is None:
        stop_with("WEBHOOK_URL: is needed by `web`: it is the webhook's address")
    if settings.port == 0:
        stop_with("PORT: is needed by `web`: it is where the webhook listens")
    _serve_together(settings, "web")


def worker() -> None:
    """Run one of several processes (PostgreSQL): handles updates and does slow jobs."""
    _serve_together(_settings_for_service(), "worker")


def sender() -> None:
    """Run one of several processes (PostgreSQL): sends and runs the scheduler; a second one stands by."""
    _serve_together(_settings_for_service(), "sender")


def _settings_for_service() -> Settings:
    settings = settings_or_stop()
    if settings.bot_token is None:
        stop_with("BOT_TOKEN: is needed to serve the real Telegram; without it, try `python -m bot sandbox`")
    try:
        for_service(settings)
    except SettingsError as problem:
        stop_with(str(problem))
    set_up_logging(settings)
    for name in unknown_names(Settings.model_config.get("env_file")):
        structlog.get_logger("app").warning("a setting that this version does not know", name=name)
    return settings


def _serve_together(settings: Settings, role: str) -> None:
    if is_sqlite(settings):
        stop_with(
            f"DATABASE_URL: `{role}` is one of several processes, and they need PostgreSQL; "
            "on SQLite `python -m bot run` does everything in one"
        )
    asyncio.run(_serve(settings, role, trouble_with_schema))


async def _serve(
    settings: Settings, role: str, trouble_with: Callable[[Settings], str | None], held: HeldFile | None = None
) -> None:
    """Serves until stopped. `trouble_with` checks the database before anything else: it returns one line that says what
    is wrong, or None. `held` is this process's lock on an SQLite file."""
    from bot.operations.watchdog import watched

    with watched():  # from here on; what was loaded before it took a few seconds
        await _serve_watched(settings, role, trouble_with, held)


async def _serve_watched(
    settings: Settings, role: str, trouble_with: Callable[[Settings], str | None], held: HeldFile | None
) -> None:
    from bot.processes import FatalError, NotNowError, Role, StoppedError

    app = make_app(settings, Role(role), held)
    stop_on_signal(app.serving.stop, app.reload.begin)
    listener = listen(settings.host, settings.port, 1) if settings.port else None
    server = _web_server(app) if listener is not None else None
    # before anything that may take long, so that a watchdog is told that we are starting
    web_task = asyncio.create_task(server.serve_on(listener)) if server is not None and listener is not None else None
    try:
        me = await app.serving.unless_stopped(_prepared(app, trouble_with))
        call_the_collector_less()
        where = f"http://{settings.host}:{settings.port}/health" if listener else None
        structlog.get_logger("app").info(
            "serving", version=full_version(), role=role, bot=me.username if me else None, health=where
        )
        await app.serving.serve()
    except FatalError as problem:
        stop_with(str(problem), NOT_NOW if isinstance(problem, NotNowError) else WRONG)
    except StoppedError:
        # a thread may wait for the database, and Python for the thread; nothing was begun that could be lost
        end_at_once()
    finally:
        if server is not None and web_task is not None:
            server.should_exit = True
            await asyncio.wait([web_task], timeout=3)
        await app.serving.close()


async def _prepared(app: App, trouble_with: Callable[[Settings], str | None]) -> Any:
    """Prepares the app. Raises FatalError."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.processes import NotNowError

    trouble = await asyncio.to_thread(trouble_with, app.settings)
    if trouble is not None:
        raise NotNowError(trouble)
    away: tuple[type[Exception], ...] = (SQLAlchemyError,)
    if not app.database.is_sqlite:
        from psycopg import Error as DriversError

        away = (SQLAlchemyError, DriversError)
    try:
        return await app.serving.prepare()
    except away as problem:
        raise NotNowError(f"DATABASE_URL: the database could not be opened: {why(problem)}") from None


def _web_server(app: App) -> WebServer:
    from starlette.applications import Starlette

    from bot.operations import certificate_pages, health
    from bot.operations.web_server import WebServer
    from bot.processes import Role

    pages = certificate_pages.routes(app) if app.role in (Role.RUN, Role.WEB) else []
    asgi = Starlette(routes=[*health.routes(app), *pages])
    asgi.router.redirect_slashes = False  # a wrong path is a 404, and never redirected
    return WebServer(asgi, app.settings.trusted_proxies)
