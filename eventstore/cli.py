"""The ``spikelake`` command: gathers every package's verbs and turns errors into exit status 1.

Verbs come through the entry-point group ``spikelake.commands``, so that this dispatcher at the
bottom imports nobody upward; each entry is a function ``register(app)``.
"""

import errno
import json
import os
import sys
from collections.abc import Callable
from importlib.metadata import entry_points, version
from typing import Annotated

import typer

from eventstore.errors import SpikelakeError

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the number of the signal."""


def build_app() -> typer.Typer:
    """Return the command-line application with the verbs of all installed packages."""
    app = typer.Typer(
        name="spikelake",
        help="Event recordings in, versioned datasets, spiking networks, chips out.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for point in sorted(entry_points(group="spikelake.commands"), key=lambda p: p.name):
        register: Callable[[typer.Typer], None] = point.load()
        register(app)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"spikelake {version('spikelake')}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Event recordings in, versioned datasets, spiking networks, chips out."""


def _tell_whole(command: object) -> None:
    """Let the lists of verbs wrap the first sentence of each, which is cut off otherwise."""
    if isinstance(command, typer.core.TyperGroup):
        for verb in command.commands.values():
            verb.short_help = " ".join((verb.help or "").partition("\n\n")[0].split())
            _tell_whole(verb)


def main() -> None:
    """Run the command line; the process's entry point."""
    # Before any verb loads torch: OpenMP's threads spin at every barrier by default, which on cores
    # shared with the loader or another program costs up to 8 times (470 for 55 ms a step).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        command = typer.main.get_command(build_app())
        _tell_whole(command)
        command(prog_name="spikelake")
    except SpikelakeError as error:
        report_error(error, as_json="--json" in sys.argv)
        sys.exit(1)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            typer.echo("interrupted: what was published or saved before is whole", err=True)
            typer.echo("hint: repeat the command, with --resume where it takes that", err=True)
        raise
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as with `| head`
        sys.exit(141)
    except OSError as error:
        report_error(os_failure(error), as_json="--json" in sys.argv)
        sys.exit(1)


def os_failure(error: OSError) -> SpikelakeError:
    """Say what the operating system refused, and what to do about the usual causes."""
    where = f": {error.filename}" if error.filename else ""
    hints = {
        errno.ENOSPC: "free some space and repeat the command; what was published before is whole",
        errno.EACCES: "check the permissions and the owner of that place",
        errno.EROFS: "the place is read-only: write somewhere else",
    }
    message = f"{error.strerror or error}{where}"
    return SpikelakeError(message, hint=hints.get(error.errno or 0, ""))


def report_error(error: SpikelakeError, *, as_json: bool) -> None:
    """Print an error for people on stderr and, where JSON was asked for, as a line on stdout."""
    typer.echo(f"error: {error.message}", err=True)
    if error.hint:
        typer.echo(f"hint: {error.hint}", err=True)
    if as_json:
        fields = {"status": "error", "kind": error.kind, "message": error.message}
        typer.echo(json.dumps({**fields, "hint": error.hint}))
