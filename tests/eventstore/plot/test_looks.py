"""How plots look."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.colors import to_hex, to_rgba

from eventstore.plot.looks import INK, MOST_WORDS, axes_for, draw_intervals


@dataclass(frozen=True)
class Span:
    t_start_us: int
    t_stop_us: int
    label: str


def test_new_axes_have_no_ground_and_given_ones_are_left_alone() -> None:
    made = axes_for(None, size=(3, 2))
    assert to_rgba(made.get_facecolor())[3] == 0
    assert to_rgba(made.figure.get_facecolor())[3] == 0
    assert to_hex(made.xaxis.label.get_color()) == INK
    _, own = plt.subplots()
    before = own.get_facecolor()
    assert axes_for(own, size=(3, 2)) is own
    assert own.get_facecolor() == before


def test_intervals_are_cut_and_named_unless_they_are_many() -> None:
    axes = axes_for(None, size=(3, 2))
    spans = [Span(0, 3_000_000, "a"), Span(3_000_000, 9_000_000, "b"), Span(10**8, 10**9, "c")]
    draw_intervals(axes, spans, start_us=1_000_000, stop_us=5_000_000)
    assert [(t.get_text(), t.get_position()[0]) for t in axes.texts] == [("a", 2.0), ("b", 4.0)]
    many = axes_for(None, size=(3, 2))
    draw_intervals(
        many, [Span(k, k + 1, "x") for k in range(MOST_WORDS + 1)], start_us=0, stop_us=99
    )
    assert not many.texts
    assert len(many.patches) == MOST_WORDS + 1
