"""A console for the blocks of pages: `spikelake` in this process, and a few words of a shell.

A process for each line would take a second or two to load torch. `main` is what the installed
command calls, with the same arguments, and ends with the same status. Every other program is
refused, so that no page can do anything but use the product: such a block says why it does not run.
"""

import io
import re
import shlex
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from eventstore.cli import main

_COMMENT = re.compile(r"(?<!\S)#.*")
_FAILS = re.compile(r"#.*\bexit status (?P<status>\d+)")


class Command(NamedTuple):
    """A command of a block.

    Args:
        words: the program and its arguments.
        status: the exit status that it is to have.
        into: the file that its output goes to, or nothing.
    """

    words: list[str]
    status: int = 0
    into: str = ""


def commands_of(code: str) -> list[Command]:
    """Return the commands of a block.

    A backslash goes on in the next line, `&&` joins commands, `> file` at the end takes the output,
    a comment `# exit status 1` says that the last command of a line is refused.
    """
    found = []
    for line in code.replace("\\\n", " ").splitlines():
        fails = _FAILS.search(line)
        status = int(fails["status"]) if fails else 0
        commands: list[list[str]] = [[]]
        for word in shlex.split(_COMMENT.sub("", line)):
            if word == "&&":
                commands.append([])
            else:
                commands[-1].append(word)
        for words in filter(None, commands):
            into = words.pop() if words[-2:-1] == [">"] else ""
            expected = status if words is commands[-1] else 0
            found.append(Command(words[:-1] if into else words, expected, into))
    return found


class Console:
    """Runs blocks in the working directory of this process.

    Args:
        monkeypatch: takes back at the end of the test what a block exports.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._programs: dict[str, Callable[[list[str]], int]] = {
            "spikelake": self._spikelake,
            "export": self._export,
            "cat": self._cat,
            "ls": self._ls,
        }

    def run(self, code: str) -> str:
        """Run all commands of a block; return what they print, of a refused one also errors."""
        printed = []
        for words, status, into in commands_of(code):
            out, err = io.StringIO(), io.StringIO()
            program = self._programs.get(words[0])
            assert program, f'{words[0]} does not run here: say exec="false" reason="…"'
            with redirect_stdout(out), redirect_stderr(err):
                ended = program(words[1:])
            told = f"{shlex.join(words)}\nended with {ended}, not {status}:\n"
            assert ended == status, told + out.getvalue() + err.getvalue()
            if into:
                Path(into).write_text(out.getvalue(), encoding="utf-8")
            else:
                printed.append(out.getvalue())
            printed += [err.getvalue()] if status else []
        return "".join(printed)

    def _spikelake(self, words: list[str]) -> int:
        self._monkeypatch.setattr(sys, "argv", ["spikelake", *words])
        try:
            main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return 0

    def _export(self, words: list[str]) -> int:
        for word in words:
            name, _, value = word.partition("=")
            self._monkeypatch.setenv(name, value)
        return 0

    def _cat(self, words: list[str]) -> int:
        for word in words:
            sys.stdout.write(Path(word).read_text(encoding="utf-8"))
        return 0

    def _ls(self, words: list[str]) -> int:
        for word in words or ["."]:
            names = sorted(p.name for p in Path(word).iterdir() if not p.name.startswith("."))
            sys.stdout.write("".join(f"{name}\n" for name in names))
        return 0
