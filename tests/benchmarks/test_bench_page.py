"""The benchmark page says what was measured, and marks what falls short of its target."""

import itertools
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, TypeAlias

import pytest

HERE = Path(__file__).parent
Load: TypeAlias = Callable[[str], ModuleType]


@pytest.fixture
def rows(load: Load) -> list[Any]:
    bench_rows, timing = load("bench_rows"), load("bench_timing")
    return [
        bench_rows.Row(
            name="lif-layer",
            quantity="LIF",
            unit="ms",
            better="lower",
            ours=timing.Spread.of([9.0, 10.0, 11.0]),
            peer=timing.Spread.of([200.0, 300.0, 400.0]),
            peer_name="Sinabs",
            target=bench_rows.Target(of="ours", bound=13),
            note="the same neurons.",
        ),
        bench_rows.Row(
            name="batches",
            quantity="frames",
            unit="samples/s",
            better="higher",
            ours=timing.Spread.exactly(9_000),
            peer=timing.Spread.exactly(6_000),
            peer_name="Tonic",
            target=bench_rows.Target(of="ratio", bound=3),
        ),
        bench_rows.Row(
            name="size", quantity="bytes", unit="B", better="lower", ours=timing.Spread.exactly(2.0)
        ),
    ]


def test_a_ratio_counts_how_many_times_better_we_are(rows: list[Any]) -> None:
    assert [row.ratio for row in rows] == [30, 1.5, None]
    assert [row.passes for row in rows] == [True, False, None]


def test_rates_turn_slow_into_low(load: Load) -> None:
    rate = load("bench_timing").Spread.of([1.0, 2.0, 4.0]).per(100)
    assert rate.median == 50
    assert rate.low < rate.median < rate.high


def test_rivals_take_turns(load: Load) -> None:
    calls: list[str] = []
    rivals = {"ours": lambda: calls.append("ours"), "peer": lambda: calls.append("peer")}
    seconds = load("bench_timing").take_turns(rivals, rounds=2, warmup=1)
    assert calls == ["ours", "peer"] * 3
    assert seconds["ours"].runs == 2
    assert math.isfinite(seconds["peer"].median)


def test_a_turn_may_begin_with_calls_that_are_not_timed(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    timing, ticks = load("bench_timing"), itertools.count()
    clock = SimpleNamespace(perf_counter=lambda: next(ticks))  # a second passes at each look
    monkeypatch.setattr(timing, "time", clock)
    monkeypatch.setattr(timing, "settle", lambda: None)
    calls: list[str] = []
    rivals = {"ours": lambda: calls.append("ours")}
    seconds = timing.take_turns(rivals, rounds=2, warmup=1, lead_s=1.5)
    assert len(calls) == 1 + 2 * 2
    assert seconds["ours"].runs == 2


def test_the_page_holds_every_row_and_its_verdict(
    load: Load, rows: list[Any], tmp_path: Path
) -> None:
    page = load("bench_page")
    quiet = page.Circumstances(facts={"machine": "two cores"}, rounds=5, busy=0.1)
    page.write_page(tmp_path / "docs" / "benchmarks.md", rows, quiet)
    text = (tmp_path / "docs" / "benchmarks.md").read_text()
    assert "| lif-layer | LIF | 10 (9.2–10.8) ms | 300 (220–380) ms, Sinabs | 30.0× |" in text
    assert "≤ 13 ms | **pass** |" in text
    assert "≥ 3× | **red** |" in text
    assert "| size | bytes | 2 B | – | – | – |  |" in text
    assert "- **lif-layer**: the same neurons." in text
    assert "| machine | two cores |" in text
    assert "busy machine" not in text
    assert [p.name for p in (tmp_path / "docs").iterdir()] == ["benchmarks.md"]


def test_the_page_warns_of_a_busy_machine(load: Load, rows: list[Any], tmp_path: Path) -> None:
    page = load("bench_page")
    busy = page.Circumstances(facts={}, rounds=5, busy=1.26)
    page.write_page(tmp_path / "benchmarks.md", rows, busy)
    assert "Other programs used 1.3 cores" in (tmp_path / "benchmarks.md").read_text()


def test_our_own_work_counts_not_as_others(load: Load) -> None:
    watch = load("bench_watch").Watch()
    deadline = time.perf_counter() + 0.2
    while time.perf_counter() < deadline:
        pass
    assert watch.seconds() >= 0.2
    assert 0 <= watch.others() <= (os.cpu_count() or 1)


def test_absent_data_are_named(load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = load("bench_data")
    monkeypatch.setattr(data, "DATA", tmp_path)
    with pytest.raises(data.NoDataError, match=r"no data to measure on: Train\.zip, imx636"):
        data.check_data()


def test_samna_is_neither_installed_nor_imported(load: Load) -> None:
    assert "samna" not in [
        line.split(">")[0].split("<")[0] for line in (HERE / "peers.txt").read_text().splitlines()
    ]
    with pytest.raises(ImportError, match="samna is not for the benchmarks"):
        load("bench_peers").RefuseSamna().find_spec("samna")
    assert load("bench_peers").RefuseSamna().find_spec("samba") is None
