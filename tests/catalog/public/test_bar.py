"""The bar of downloads."""

import sys

import pytest

from catalog.public.bar import said_bytes, transfer_bar


def test_there_is_none_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with transfer_bar() as progress:
        assert progress is None
    assert capsys.readouterr().err == ""


def test_it_moves_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with transfer_bar() as progress:
        assert progress is not None
        progress("train[1].zip", 500_000, 1_000_000)
        progress("test.zip", 20, None)
    said = capsys.readouterr().err
    assert "test.zip" in said


@pytest.mark.parametrize(
    ("n_bytes", "said"),
    [(None, "unknown"), (1, "1 B"), (1000, "1.0 kB"), (5 * 10**15, "5000.0 TB")],
)
def test_sizes_for_people(n_bytes: int | None, said: str) -> None:
    assert said_bytes(n_bytes) == said
