"""The bar of long work: on terminals only, with the throughput."""

import io
import sys

import pytest

from eventstore.progress import progress_bar, throughput


def test_there_is_no_bar_without_a_terminal() -> None:
    with progress_bar("ingest") as progress:
        assert progress is None


def test_a_terminal_gets_counts_and_throughput(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with progress_bar("ingest") as progress:
        assert progress is not None
        progress(3, 7, 5_000_000)
    assert "ingest" in terminal.getvalue()
    assert "3/7" in terminal.getvalue()
    assert "Mev/s" in terminal.getvalue()


def test_throughput_is_in_millions_of_events() -> None:
    assert throughput(12_345_678, 1.0) == "12.3 Mev/s"
    assert throughput(0, 0.0) == "0.0 Mev/s"
