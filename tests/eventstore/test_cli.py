import errno
import json
import sys
from collections.abc import Callable
from importlib.metadata import version

import pytest
import typer

from eventstore import cli
from eventstore.errors import NotFound

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]


class Point:
    """An entry point whose verb fails the way a user's mistake does."""

    name = "failing"

    @staticmethod
    def load() -> object:
        def register(app: typer.Typer) -> None:
            @app.command()
            def fail(as_json: bool = typer.Option(False, "--json")) -> None:
                message = "no chip 'x'"
                raise NotFound(message, hint="use speck2f")

            @app.command()
            def full() -> None:
                raise OSError(errno.ENOSPC, "No space left on device", "store/x")

            @app.command()
            def stopped() -> None:
                """Stop in a sentence too long for one line, which is nevertheless told whole."""
                raise KeyboardInterrupt

        return register


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(cli, "entry_points", lambda group: [Point()])

    def main(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["spikelake", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(left.value.code or 0)

    return main


def test_an_error_is_said_on_stderr_with_its_hint(run: Run, capsys: Captured) -> None:
    assert run("fail") == 1
    said = capsys.readouterr()
    assert said.err == "error: no chip 'x'\nhint: use speck2f\n"
    assert said.out == ""


def test_with_json_the_error_is_a_line_too(run: Run, capsys: Captured) -> None:
    assert run("fail", "--json") == 1
    line = json.loads(capsys.readouterr().out)
    assert line == {
        "status": "error", "kind": "not-found", "message": "no chip 'x'", "hint": "use speck2f",
    }  # fmt: skip


def test_an_interruption_says_how_to_go_on(run: Run, capsys: Captured) -> None:
    assert run("stopped") == 130
    said = capsys.readouterr().err
    assert said.startswith("interrupted: ")
    assert "--resume" in said


def test_the_version_is_printed(run: Run, capsys: Captured) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"spikelake {version('spikelake')}\n"


def test_no_verb_prints_the_help(run: Run, capsys: Captured) -> None:
    assert run() == 2
    assert "fail" in capsys.readouterr().err


def test_verbs_are_told_whole(run: Run, capsys: Captured) -> None:
    assert run("--help") == 0
    listed = " ".join(capsys.readouterr().out.split())
    told = "stopped Stop in a sentence too long for one line, which is nevertheless told whole."
    assert told in listed


def test_what_the_system_refuses_is_no_traceback(run: Run, capsys: Captured) -> None:
    assert run("full") == 1
    assert capsys.readouterr().err == (
        "error: No space left on device: store/x\n"
        "hint: free some space and repeat the command; what was published before is whole\n"
    )
