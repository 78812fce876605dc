"""Curves are drawn and told, and what we lose at is told by them and by the rows."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest

HERE = Path(__file__).parent
Load: TypeAlias = Callable[[str], ModuleType]


@pytest.fixture
def curve(load: Load) -> Any:
    """Return ours, linear in T, and a peer that is quadratic, faster at first, and stops early."""
    curves, of = load("bench_curves"), load("bench_timing").Spread.of
    return curves.Curve(
        name="scaling-test",
        quantity="LIF forward",
        along="time steps",
        unit="ms",
        better="lower",
        lines=(
            curves.Line(
                name="ours", ours=True, points={x: of([0.9 * x, x, 1.1 * x]) for x in (1, 10, 100)}
            ),
            curves.Line(name="Peer", points={x: of([0.5 * x * x]) for x in (1, 10)}),
        ),
        note="a made-up layer.",
    )


def row(load: Load, *, ours: float, peer: float, better: str, bound: float | None) -> Any:
    bench_rows, exactly = load("bench_rows"), load("bench_timing").Spread.exactly
    target = bench_rows.Target(of="ratio", bound=bound) if bound else None
    return bench_rows.Row(
        name="row",
        quantity=f"quantity {ours:g}",
        unit="ms",
        better=better,
        ours=exactly(ours),
        peer=exactly(peer),
        peer_name="Peer",
        target=target,
    )


def test_a_curve_knows_ratios_and_how_it_grows(curve: Any) -> None:
    ours, peer = curve.lines
    assert [curve.ratio(peer, x) for x in (1, 10, 100)] == [0.5, 5, None]
    assert curve.growth(ours) == pytest.approx(1)
    assert curve.growth(peer) == pytest.approx(2)


def test_points_take_turns_and_keep_their_places(load: Load) -> None:
    calls: list[int] = []
    points = {n: (lambda n=n: calls.append(n)) for n in (10, 2)}
    seconds = load("bench_curves").time_along(points, rounds=2)
    assert calls == [10, 2] * 3
    assert list(seconds) == [10, 2]


def test_the_page_has_a_picture_and_a_table_of_each_curve(load: Load, curve: Any) -> None:
    text = load("bench_curve_page").curve_sections([curve, curve])
    assert text.count("![LIF forward (ms)](img/scaling-test.svg)") == 2
    assert "| time steps | ours | Peer | ratio |" in text
    assert "| 10 | 10 (9.2–10.8) | 50 | 5.0× |" in text
    assert "| 100 | 100 (92–108) | – | – |" in text
    assert text.count("*A made-up layer.*") == 1
    assert text.endswith("*A made-up layer.*")


def test_the_picture_is_the_same_each_time(load: Load, curve: Any, tmp_path: Path) -> None:
    draw = load("bench_curve_plot").draw_curve
    draw(tmp_path / "img" / "a.svg", curve)
    draw(tmp_path / "img" / "b.svg", curve)
    picture = (tmp_path / "img" / "a.svg").read_bytes()
    assert picture == (tmp_path / "img" / "b.svg").read_bytes()
    assert ET.fromstring(picture).tag.endswith("svg")
    assert len(picture) < 200_000


def test_what_we_lose_at_is_what_the_figures_say(load: Load, curve: Any) -> None:
    told = load("bench_losses").losses
    won = row(load, ours=1, peer=4, better="lower", bound=3)
    missed = row(load, ours=2, peer=4, better="lower", bound=3)
    behind = row(load, ours=8, peer=4, better="lower", bound=None)
    behind_in_rate = row(load, ours=3, peer=4, better="higher", bound=0.5)
    lines = told([won, missed, behind, behind_in_rate], [curve]).splitlines()
    assert lines == [
        "- **below its target**: quantity 2: 2 ms, 2.00× Peer; the target is ≥ 3×.",
        "- **behind**: quantity 8: 8 ms beside 4 of Peer (0.50×).",
        "- **behind**: quantity 3: 3 ms beside 4 of Peer (0.75×).",
        "- **behind on a curve**: LIF forward, beside Peer, at time steps 1 (0.50×).",
    ]
    assert told([won], []) == "Nothing that was measured this time."


def test_every_module_of_the_table_is_there_and_measures(load: Load) -> None:
    every = load("bench_all")
    modules = {*every.BENCHMARKS.values(), *every.CURVES.values()}
    there = {
        p.stem for p in HERE.glob("bench_*.py") if "\ndef measure(bench: Bench)" in p.read_text()
    }
    assert modules == there
    assert set(every.ALL) >= every.WITHOUT_RECORDINGS
