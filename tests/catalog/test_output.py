"""Tables that the catalog's verbs print."""

import pytest

from catalog.output import print_facts, print_table


def test_tables_show_everything(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("title [red]", ("a", "b"), [("1", "x" * 30)])
    print_facts("facts", [("licence", "MIT"), ("doi", "")])
    said = capsys.readouterr().out
    assert "title [red]" in said
    assert "x" * 30 in said
    assert "MIT" in said
    assert "doi" not in said


def test_short_digests_stay_whole_beside_long_messages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    row = ("1.0.0", "2026-01-01", "10,000", "40,000,000", "0123456789abcdef", "long words " * 9)
    print_table("versions", ("version", "date", "recordings", "events", "digest", "message"), [row])
    said = capsys.readouterr().out
    assert "0123456789abcdef" in said
    assert said.count("words") == 9
    assert max(map(len, said.splitlines())) <= 80
