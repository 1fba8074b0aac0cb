"""python -m bot [run|web|worker|sender|sandbox|preview|migrate|backup|restore|check|report|import-sessions|...]

Without a command it serves the real Telegram when BOT_TOKEN is set, and the sandbox otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, MutableMapping
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, NoReturn

import structlog
import typer
from sqlalchemy.engine import make_url

from bot.settings import ROOT, Settings, SettingsError, for_service, read_settings

if TYPE_CHECKING:
    from bot.app import App
    from bot.catalogue.content import Content
    from bot.database import Database
    from bot.processes import Role

cli = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False, help=__doc__)

report = typer.Typer(help="Print a table about the lessons and their questions.", no_args_is_help=True)
cli.add_typer(report, name="report")

SANDBOX = ROOT / "data" / "sandbox"
PREVIEW = ROOT / "data" / "preview"
PORTS = 20
"""How many ports after the wanted one are tried for the sandbox's page."""
GARBAGE = 10_000
"""After so many new containers the garbage collector looks for circles among them."""
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""The journal's numbers: `journalctl -p warning` shows 4 and below."""
LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


@cli.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        settings = _settings()
        if settings.bot_token is None:
            sandbox(fresh=False, data=SANDBOX)
        else:
            run()


@cli.command()
def run() -> None:
    """Serve the real Telegram (BOT_TOKEN), everything in this one process: by webhook if WEBHOOK_URL is set, else by
    long polling."""
    settings = _settings_for_service()
    with _only_one(settings):
        asyncio.run(_serve(settings, "run", _trouble_migrating))


@cli.command()
def web() -> None:
    """One of several processes: takes updates in through the webhook (PostgreSQL, WEBHOOK_URL)."""
    settings = _settings_for_service()
    if settings.webhook_url is None:
        _stop("WEBHOOK_URL: is needed by `web`: it is the webhook's door")
    if settings.port == 0:
        _stop("PORT: is needed by `web`: it is where the webhook's door is")
    _serve_together(settings, "web")


@cli.command()
def worker() -> None:
    """One of several processes: handles updates and does slow jobs (PostgreSQL)."""
    _serve_together(_settings_for_service(), "worker")


@cli.command()
def sender() -> None:
    """One of several processes: sends, and looks at the clock; a second one stands by (PostgreSQL)."""
    _serve_together(_settings_for_service(), "sender")


def _settings_for_service() -> Settings:
    settings = _settings()
    if settings.bot_token is None:
        _stop("BOT_TOKEN: is needed to serve the real Telegram; without it, try `python -m bot sandbox`")
    try:
        for_service(settings)
    except SettingsError as problem:
        _stop(str(problem))
    _logging(settings)
    return settings


def _serve_together(settings: Settings, role: str) -> None:
    if _is_sqlite(settings):
        _stop(
            f"DATABASE_URL: `{role}` is one of several processes, and they need PostgreSQL; "
            "on SQLite `python -m bot run` does everything in one"
        )
    asyncio.run(_serve(settings, role, _trouble_with_schema))


@cli.command()
def sandbox(
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew: forget the sandbox's chats and people.")] = False,
    data: Annotated[Path, typer.Option(help="The folder that keeps its state")] = SANDBOX,
) -> None:
    """Try the bot on a page in the browser, without Telegram."""
    _sandbox(data, fresh=fresh)


@cli.command()
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
        _stop(str(problems))
    if found is None:
        _stop(f"there is no lesson {lesson_id} in content/lessons")
    _sandbox(data, fresh=True, lesson_id=found.id)


def _sandbox(data: Path, *, fresh: bool, lesson_id: str | None = None) -> None:
    from bot import demo

    database = data.resolve() / "bot.sqlite"
    settings = _settings(
        bot_token=demo.TOKEN,
        database_url=f"sqlite:///{database}",
        admin_ids=(demo.ADMIN,),
        host="127.0.0.1",
    )
    settings = settings.model_copy(update={"privacy_contact": settings.privacy_contact or "0800-000-000 (contoh)"})
    _logging(settings, quiet=True)
    with _only_one(settings):
        if fresh:
            for path in database.parent.glob("bot.sqlite*"):
                if path.suffix != ".lock":
                    path.unlink()
        _migrated(settings)
        asyncio.run(_rehearse(settings, database.parent, fresh, lesson_id))


@cli.command()
def migrate() -> None:
    """Bring the database of DATABASE_URL (with BOT_TOKEN alone: data/jalin.sqlite) to the newest form, and say so.

    With neither of them `python -m bot` runs the sandbox, which keeps a database of its own and migrates it itself.
    """
    from bot.database import newest_revision, shown_url

    settings = _settings()
    if settings.bot_token is None and "database_url" not in settings.model_fields_set:
        print("nothing was migrated: neither BOT_TOKEN nor DATABASE_URL is set (the sandbox migrates its own database)")
        return
    before = _revision(settings)
    _migrated(settings)
    after, what = _revision(settings), shown_url(settings.database_url)
    if before is None:
        print(f"{what}: made, revision {after}")
    elif before != after:
        print(f"{what}: brought from revision {before} to {after}")
    elif after == newest_revision():
        print(f"{what}: is up to date, revision {after}")
    else:
        print(f"{what}: left as a newer version of the bot has made it, revision {after}")


def _revision(settings: Settings) -> str | None:
    """The revision the database stands at; None: it was never migrated, or cannot be opened."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.database import Database, schema_revision

    database = Database(settings.database_url)
    try:
        return schema_revision(database)
    except SQLAlchemyError:
        return None
    finally:
        database.close()


@cli.command()
def backup(
    target: Annotated[str, typer.Argument(help="A new file; or a folder, for a file named after the moment")],
    keep_days: Annotated[int, typer.Option(min=1, help="In a folder: how many nights such files stay")] = 34,
) -> None:
    """Back up the database of DATABASE_URL into one file, while the bot serves."""
    from bot.operations.backup import BackupError, make, make_dated

    url, path = _settings().database_url, Path(target)
    try:
        if path.is_dir() or target.endswith("/"):
            path, note, old = make_dated(url, path, keep_days)
        else:
            note, old = make(url, path), []
    except BackupError as problem:
        _stop(str(problem))
    print(f"{path}: {note.kind}, revision {note.revision}, {path.stat().st_size:,} bytes")
    if old:
        print(f"removed {len(old)} of {keep_days} days and more")


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has made")],
    replace: Annotated[bool, typer.Option("--replace", help="What is in the database now goes.")] = False,
    moving: Annotated[
        bool,
        typer.Option("--moving", help="The bot has not run since the backup was made: say everything that waits."),
    ] = False,
) -> None:
    """Put the database of DATABASE_URL back to what a backup holds: all of it, or nothing. The bot must be stopped."""
    from bot.app import DATA
    from bot.operations import backup

    settings = _settings()
    try:
        backup.may_restore(settings.database_url, file)
        with _only_one(settings):  # on PostgreSQL `restore` sees to it, in its own transaction
            done = backup.restore(settings.database_url, file, capabilities=DATA, replaces=replace, moving=moving)
    except backup.BackupError as problem:
        _stop(str(problem))
    print(f"restored: {done.note.kind}, revision {done.note.revision}, as of {done.note.made_at:%Y-%m-%d %H:%M:%S} UTC")
    for line in backup.decided(done):
        print(f"  {line}")


@cli.command()
def check() -> None:
    """Check content and words: what would go wrong in front of people is refused here, with file and line."""
    from bot.catalogue.check import examine

    findings = examine(ROOT)
    for warning in findings.warnings:
        print(f"{warning} (a warning)")
    for problem in findings.problems:
        print(problem)
    if findings.problems:
        print(f"{len(findings.problems)} to put right.")
        raise typer.Exit(1)


@report.command("reading")
def report_reading() -> None:
    """How long and how hard the lessons are to read, module by module: what docs/reading-level.md holds."""
    from bot.catalogue.content import load_content
    from bot.reports.reading_level import reading_level

    print(reading_level(load_content(ROOT / "content")), end="")


@report.command("quiz")
def report_quiz() -> None:
    """How each question does, and what the tests before and after tell."""
    from bot.reports.quiz_report import run_quiz_report

    _with_database(run_quiz_report)


@cli.command("import-sessions")
def import_sessions(
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx of classes: docs/import-sessions.md")],
) -> None:
    """Put a table of classes into the calendar: all of it, or nothing with every error named."""
    from bot.class_import.tables import run_import

    _with_database(lambda database, content, now: run_import(file, database, content, now))


@cli.command("cancel-session")
def cancel_session(code: Annotated[str, typer.Argument(help="The code of the class")]) -> None:
    """Cancel a class; everybody enrolled is told."""
    from bot.class_import.tables import run_cancel

    _with_database(lambda database, content, now: run_cancel(code, database, content, now))


@cli.command()
def links(
    username: Annotated[str | None, typer.Argument(help="The bot's @username; without it Telegram is asked")] = None,
    folder: Annotated[Path, typer.Option(help="Where the QR codes are written")] = ROOT / "data" / "qr",
) -> None:
    """Print the link of every active site and write a QR code for its poster."""
    from bot.catalogue.content import load_content
    from bot.documents.deep_links import site_links, write_qr_pngs

    content = load_content(ROOT / "content")
    username = username or asyncio.run(_own_username(_settings()))
    try:
        for site, address in site_links(username, content.sites):
            print(f"{site.name}: {address}")
        files = write_qr_pngs(folder, username, content.sites)
    except ValueError as problem:
        _stop(str(problem))
    except OSError as problem:
        _stop(f"--folder: nothing can be written into {folder} ({problem.strerror})")
    print(f"{len(files)} QR codes in {folder}")


# --- serving ------------------------------------------------------------------------------------------------------


def _app(settings: Settings, role: Role) -> App:
    from bot.app import App
    from bot.catalogue.yaml_files import ContentError

    try:
        return App(settings, role=role)
    except (ContentError, ValueError) as problem:  # the latter of a line in the words
        _stop(str(problem))


async def _serve(settings: Settings, role: str, trouble_with: Callable[[Settings], str | None]) -> None:
    """`trouble_with` looks at the database before anything else does: one line when it will not do."""
    from bot.processes import FatalError, Role, StoppedError

    app = _app(settings, Role(role))
    _stop_on_signal(app)
    door = _listen(settings.host, settings.port, 1) if settings.port else None
    server = _web_server(app, settings) if door is not None else None
    # before anything that may take long, so that whoever watches hears that we are starting
    web_task = asyncio.create_task(_web(server, door)) if server is not None and door is not None else None
    try:
        me = await app.unless_stopped(_prepared(app, trouble_with))
        _call_the_collector_less()
        where = f"http://{settings.host}:{settings.port}/health" if door else None
        structlog.get_logger("app").info("serving", role=role, bot=me.username if me else None, health=where)
        await app.serve()
    except FatalError as problem:
        _stop(str(problem))
    except StoppedError:
        # a thread may wait for the database, and Python for the thread; nothing was begun that could be lost
        _end_at_once()
    finally:
        if server is not None and web_task is not None:
            server.should_exit = True
            await asyncio.wait([web_task], timeout=3)
        await app.close()


async def _prepared(app: App, trouble_with: Callable[[Settings], str | None]) -> Any:
    """Raises FatalError."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.processes import FatalError

    trouble = await asyncio.to_thread(trouble_with, app.settings)
    if trouble is not None:
        raise FatalError(trouble)
    away: tuple[type[Exception], ...] = (SQLAlchemyError,)
    if not app.database.is_sqlite:
        from psycopg import Error as DriversError

        away = (SQLAlchemyError, DriversError)
    try:
        return await app.prepare()
    except away as problem:
        reason = type(getattr(problem, "orig", None) or problem).__name__
        raise FatalError(f"DATABASE_URL: the database could not be opened ({reason})") from None


def _end_at_once() -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _call_the_collector_less() -> None:
    """Libraries, content and words stay as long as we serve: the garbage collector need not look through them again
    and again. And it may come seldom, for turns leave few circles behind. That makes a turn a tenth cheaper, or more.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def _web_server(app: App, settings: Settings) -> Any:
    import uvicorn
    from starlette.applications import Starlette

    from bot.operations import health

    asgi = Starlette(routes=list(health.routes(app)))
    asgi.router.redirect_slashes = False  # what is not there is not there
    config = uvicorn.Config(
        asgi,
        host=settings.host,
        port=settings.port,
        log_level="error",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server


async def _rehearse(settings: Settings, folder: Path, fresh: bool, lesson_id: str | None) -> None:
    import uvicorn

    from bot import demo
    from bot.operations import health
    from bot.processes import Role
    from bot.sandbox import Sandbox

    door = _listen("127.0.0.1", settings.port, PORTS)
    port = door.getsockname()[1]
    settings = settings.model_copy(update={"bot_api_url": f"http://127.0.0.1:{port}"})
    app = _app(settings, Role.RUN)
    # the page first: the bot asks it who it is
    box = Sandbox(
        folder / "telegram",
        token=demo.TOKEN,
        bot_username=demo.USERNAME,
        bot_name="Jalin (mode coba)",
        people=demo.PEOPLE,
        time=demo.SandboxTime(app),
        fresh=fresh,
    )
    box.asgi.router.routes[:0] = [*health.routes(app)]
    server = uvicorn.Server(uvicorn.Config(box.asgi, log_level="error", timeout_graceful_shutdown=2, lifespan="on"))
    page = asyncio.create_task(_web(server, door))
    _stop_on_signal(app)
    try:
        await app.prepare()
        now = app.clock.now()
        ahead = await app.database.in_transaction(demo.has_classes_ahead, app.content, now)
        if not ahead:
            await app.database.in_transaction(demo.add_sample_classes, app.content, now)
        if lesson_id is not None:
            box.world.people[demo.PEOPLE[0].id].started = True  # a bot may write only to those who wrote to it
            await app.database.in_transaction(demo.give_lesson, app.content, lesson_id, now)
        print(f"Jalin (mode coba): http://127.0.0.1:{port}/", flush=True)
        await app.serve()
    finally:
        await box.stop()
        server.should_exit = True
        await asyncio.wait([page], timeout=3)
        await app.close()
        box.close()


async def _own_username(settings: Settings) -> str:
    from bot.telegram.http import UNKNOWN_BOT, AnswerLost, NotReached, Refused, TelegramHttp

    if settings.bot_token is None:
        _stop("BOT_TOKEN: is needed to ask Telegram for the bot's name; or give it: python -m bot links @name")
    telegram = TelegramHttp(settings.bot_token.get_secret_value(), settings.bot_api_url)
    try:
        return str((await telegram.call("getMe", {}))["username"])
    except Refused:
        _stop(UNKNOWN_BOT)
    except (NotReached, AnswerLost):
        _stop("BOT_API_URL: Telegram could not be reached; or give the name: python -m bot links @name")
    finally:
        await telegram.shutdown()


async def _web(server: Any, door: socket.socket) -> None:
    """uvicorn without its own signal handling: stopping is the app's business."""
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve([door])


def _listen(host: str, port: int, tries: int) -> socket.socket:
    """The wanted port, or the next free one."""
    for candidate in range(port, min(port + tries, 65536)):
        # said in full: asyncio turns Nagle's delay off only for sockets that say they are TCP
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, candidate))
            door.listen(128)
        except OSError:
            door.close()
            continue
        return door
    _stop(f"PORT: {port} is taken" if tries == 1 else f"PORT: {port} to {port + tries - 1} are all taken")


def _stop_on_signal(app: App) -> None:
    """SIGINT and SIGTERM stop; SIGHUP reads content and words again."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, app.stop)
    at_terminal = os.isatty(0)

    def hung_up() -> None:
        # a closed terminal sends the same signal: nobody is there any more who could stop us
        (app.stop if at_terminal and not os.isatty(0) else app.reload.begin)()

    loop.add_signal_handler(signal.SIGHUP, hung_up)


# --- small print --------------------------------------------------------------------------------------------------


def _settings(**given: Any) -> Settings:
    try:
        return read_settings(**given)
    except SettingsError as problem:
        _stop(str(problem))


def _stop(words: str) -> NoReturn:
    print(_priority("error") + words, file=sys.stderr)
    raise SystemExit(2)


def _priority(level: str) -> str:
    """What begins a line so that the journal files it under its level; nothing where stderr is not the journal's."""
    return f"<{PRIORITIES.get(level, 6)}>" if _into_journal() else ""


@cache
def _into_journal() -> bool:
    """systemd names its stream by device and inode: whoever inherits the name may write elsewhere."""
    try:
        found = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _logging(settings: Settings, *, quiet: bool = False) -> None:
    """Logs on stderr, one line each; in the sandbox only what went wrong."""
    level = logging.WARNING if quiet and settings.log_level == "INFO" else LEVELS[settings.log_level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_OthersLines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])


_in_logfmt = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])


def _line(logger: Any, name: str, given: MutableMapping[str, Any]) -> str:
    priority = _priority(str(given["level"]))
    return priority + _in_logfmt(logger, name, given)


class _OthersLines(logging.Formatter):
    """What libraries log; the journal takes each line of it by itself."""

    def format(self, record: logging.LogRecord) -> str:
        priority = _priority(record.levelname.lower())
        return priority + super().format(record).replace("\n", f"\n{priority}")


def _is_sqlite(settings: Settings) -> bool:
    return make_url(settings.database_url).get_backend_name() == "sqlite"


@contextlib.contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """One process serves an SQLite file: a second one would take up what the first is just sending. On PostgreSQL the
    app itself sees to it (`coordination`)."""
    if not _is_sqlite(settings):
        yield
        return
    with _lock_file(make_url(settings.database_url).database) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _stop("DATABASE_URL: another process serves this database already; stop it first")
        yield


def _lock_file(path: str | None) -> IO[str]:
    lock = Path(f"{path}.lock").absolute()
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("w")
    except OSError as problem:
        _stop(
            f"DATABASE_URL: nothing can be written into {lock.parent} ({problem.strerror}); is it set, and set right?"
        )


def _trouble_with_schema(settings: Settings) -> str | None:
    """Several processes do not migrate: `python -m bot migrate` did, once, while the old version still served. A
    database that is newer than this code is fine: migrations only add."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.database import Database, newest_revision, schema_revision

    database = Database(settings.database_url)
    try:
        found = schema_revision(database)
    except SQLAlchemyError as problem:
        return f"DATABASE_URL: the database could not be opened ({type(problem).__name__})"
    finally:
        database.close()
    if found is None or found < newest_revision():
        return "DATABASE_URL: the database is not in the newest form yet: python -m bot migrate"
    return None


def _trouble_migrating(settings: Settings) -> str | None:
    """Brings the database to the newest form; what went wrong, in one line."""
    from bot.database import migrate as upgrade

    try:
        upgrade(settings.database_url)
    except Exception as problem:
        reason = type(getattr(problem, "orig", None) or problem).__name__
        return f"DATABASE_URL: the database could not be opened or migrated ({reason})"
    return None


def _migrated(settings: Settings) -> None:
    if trouble := _trouble_migrating(settings):
        _stop(trouble)


def _with_database(work: Callable[[Database, Content, Any], tuple[int, list[str]]]) -> None:
    """A short command on the database that is served: the sandbox's without a BOT_TOKEN, with its moved time."""
    from bot.catalogue.content import load_content
    from bot.clock import Clock, kept_offset
    from bot.database import Database

    settings = _settings()
    if settings.bot_token is None and "database_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"database_url": f"sqlite:///{SANDBOX / 'bot.sqlite'}"})
    _migrated(settings)
    database = Database(settings.database_url)
    database.tells_others = not database.is_sqlite
    try:
        with database.transaction() as db:
            offset = kept_offset(db)
        code, lines = work(database, load_content(ROOT / "content"), Clock(offset).now())
    finally:
        database.close()
    for line in lines:
        print(line)
    raise typer.Exit(code)


if __name__ == "__main__":
    cli()
