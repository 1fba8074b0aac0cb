"""python -m bot [run|web|worker|sender|sandbox|preview|migrate|backup|restore|check|report|import-sessions|...]

Without a command it serves the real Telegram when BOT_TOKEN is set, and the sandbox otherwise.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # until all is loaded, and again when all is done, Ctrl-C ends the process at once and prints nothing
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import gc
import sys

gc.disable()  # until all is loaded: what is loaded stays, and to look through it again and again takes time

sys.modules["rich"] = None  # type: ignore[assignment]
import httpx  # noqa: F401
import structlog  # noqa: F401

# both would load rich and pygments (5 MB) for coloured output that we never make; `--help` finds them again
del sys.modules["rich"]

from typing import Annotated, Final

import typer

from bot.command_line import authoring, programme, serve, storage, trial
from bot.command_line.parts import SANDBOX, settings_or_stop
from bot.command_line.process import GARBAGE
from bot.version import full_version

cli: Final = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False, help=__doc__)
report: Final = typer.Typer(
    help="Tables about the lessons and their questions; the figures of a quarter.", no_args_is_help=True
)


@cli.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print which version this is.")] = False,
) -> None:
    if version:
        print(full_version())
        raise typer.Exit
    gc.freeze()
    gc.enable()
    gc.set_threshold(GARBAGE)
    if context.invoked_subcommand is None:
        if settings_or_stop().bot_token is None:
            trial.sandbox(fresh=False, data=SANDBOX)
        else:
            serve.run()


# in the order of `python -m bot --help`
for command in (
    *(serve.run, serve.web, serve.worker, serve.sender),
    *(trial.sandbox, trial.preview),
    *(storage.migrate, storage.backup, storage.restore),
    *(authoring.check, authoring.understand),
    *(programme.import_sessions, programme.cancel_session, programme.links),
):
    cli.command()(command)
report.command("reading")(authoring.report_reading)
report.command("quiz")(programme.report_quiz)
report.command("site")(programme.report_site)
report.command("export")(programme.report_export)
cli.add_typer(report, name="report")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a command that is called off cleans up; typer is quiet
    try:
        cli()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
