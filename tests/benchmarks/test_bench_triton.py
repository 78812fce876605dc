"""The benchmark on a GPU says why it measures nothing without one, and compares what it does."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest
import torch

HERE = Path(__file__).parent


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import the benchmark, with cases that take no time."""
    monkeypatch.syspath_prepend(HERE)
    module = importlib.import_module("bench_triton")
    monkeypatch.setattr(module, "SHAPES", ((2, 8, 5),))
    monkeypatch.setattr(module, "CALLS", 5)
    return module


def test_without_a_gpu_it_says_so(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert bench.measure(None) == []
    assert "skipped: it needs a GPU" in capsys.readouterr().err


def test_a_turn_times_each_precision_and_keeps_what_came_out(
    bench: ModuleType, tmp_path: Path
) -> None:
    found = bench.turn("ours", tmp_path, "cpu")
    assert sorted(found) == sorted(bench.cases())
    assert all(len(seconds) == 4 for seconds in found.values())
    assert {file.name for file in tmp_path.iterdir()} == {f"ours {case}.pt" for case in found}


def test_a_rival_that_does_not_run_is_named_with_its_reason(
    bench: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, floor = (bench.turn(name, tmp_path, "cpu") for name in ("ours", "floor"))

    def refuse(*_: object) -> None:
        message = "no such back end\nand more"
        raise RuntimeError(message)

    monkeypatch.setattr(bench, "rival_on", refuse)
    broken = bench.turn("cuda", tmp_path, "cpu")
    assert set(broken.values()) == {"does not run: no such back end"}
    found = dict.fromkeys(bench.RIVALS, ours) | {"cuda": broken, "floor": floor}
    torch.save(torch.load(tmp_path / f"ours {bench.cases()[0]}.pt"), tmp_path / "theirs")
    (tmp_path / "theirs").rename(tmp_path / f"triton {bench.cases()[0]}.pt")
    rows = bench.rows_of(found, tmp_path)
    assert len(rows) == 2 * (len(bench.RIVALS) - 1)
    by_name = {row.peer_name: row for row in rows[: len(bench.RIVALS) - 1]}
    refused = by_name[bench.RIVALS["cuda"]]
    assert refused.peer is None
    assert "no such back end" in refused.note
    same = by_name[bench.RIVALS["triton"]]
    assert same.ratio == 1
    assert "spikes differ in 0 of 10" in same.note
    assert by_name[bench.RIVALS["floor"]].ratio > 0


def test_turns_are_put_together_until_one_fails(bench: ModuleType) -> None:
    one, other = bench.cases()
    first, second = {one: [1.0], other: [2.0]}, {one: [3.0], other: "does not run"}
    assert bench.gathered([first, second]) == {one: [1.0, 3.0], other: "does not run"}
