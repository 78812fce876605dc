import io
from collections.abc import Sequence

import numpy as np
import pytest
from rich.console import Console

from snn.activity_count import LayerActivity
from snn.evaluation import Evaluation
from snn.evaluation_tables import print_evaluation
from snn.latency import Latency


def evaluation(confusion: np.ndarray, *, steps: int = 4, silent: bool = False) -> Evaluation:
    n = int(confusion.sum())
    decided = np.full(n, 0 if silent else 2)
    return Evaluation(
        accuracy=float(np.trace(confusion) / n),
        loss=0.25,
        confusion=confusion,
        predictions=np.repeat(np.arange(len(confusion)), confusion.sum(0)),
        latency=Latency(
            accuracy=np.linspace(0.1, np.trace(confusion) / n, steps),
            first_output=np.minimum(decided, 1),
            decided=decided,
        ),
        layers=(
            LayerActivity(name="conv", kind="Conv2d", synops=1234.0),
            LayerActivity(
                name="iaf",
                kind="IAF",
                neurons=64,
                spikes=0.0 if silent else 32.0,
                rate=0.0 if silent else 0.125,
                silent_neurons=64 if silent else 3,
            ),
        ),
        uncounted=("attention",) if silent else (),
    )


def printed(
    found: Evaluation, names: Sequence[str], *, width: int = 80, step_ms: float | None = None
) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    print_evaluation(found, names, console, step_ms=step_ms)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    in_tables = [line for line in text.splitlines() if not line[:1].isalnum()]
    assert all(len(line.rstrip()) <= width for line in in_tables)
    return text


def squeezed(text: str) -> list[str]:
    return [" ".join(line.replace("│", " ").split()) for line in text.splitlines()]


def test_everything_is_told() -> None:
    lines = squeezed(printed(evaluation(np.array([[3, 1], [0, 4]])), ["a", "b"]))
    assert lines[0] == "accuracy 87.50%: 7 of 8 samples, loss 0.2500"
    assert "a 4 75.0% 100.0% b (1)" in lines
    assert "b 4 100.0% 80.0%" in lines
    at = lines.index("confusion: said (columns) for true (rows)")
    assert lines[at + 1 : at + 4] == ["a b", "a 3 1", "b · 4"]
    assert "4 87.5%" in lines
    assert "first output at step 1, decided from step 2 on: medians over samples" in lines
    assert "iaf IAF 64 32 0.1250 3" in lines
    assert "all 32 1,234" in lines
    assert "95 % of the last accuracy from step 4 on" in lines
    assert not any("warning" in line for line in lines)


def test_steps_of_a_length_are_told_in_time() -> None:
    text = printed(evaluation(np.eye(2, dtype=np.int64)), ["a", "b"], step_ms=2.5)
    assert "decided from step 2 (5 ms) on" in text
    assert "time (ms)" in text


def test_a_long_curve_is_told_in_a_few_points() -> None:
    lines = squeezed(printed(evaluation(np.eye(2, dtype=np.int64), steps=1000), ["a", "b"]))
    at = lines.index("accuracy over time")
    points = [line for line in lines[at:] if line.endswith("%") and len(line.split()) == 2]
    assert len(points) == 10
    assert points[0].split()[0] == "1"
    assert points[-1] == "1000 100.0%"


def test_silent_layers_are_flagged() -> None:
    text = printed(evaluation(np.eye(2, dtype=np.int64), silent=True), ["a", "b"])
    assert "all: silent" in text
    assert "warning: silent, none of their neurons ever spiked: iaf" in text
    assert "hint: lower spike_threshold" in text
    assert "no output at all for 2 of 2 samples" in text
    assert "synaptic operations not counted: attention" in text


@pytest.mark.parametrize("n", [10, 20])
def test_long_names_give_way_to_numbers(n: int) -> None:
    names = [f"hand clapping {k}" for k in range(n)]
    confusion = np.diag(np.arange(90, 90 + n)) + np.eye(n, k=1, dtype=np.int64)
    lines = squeezed(printed(evaluation(confusion), names))
    assert lines[lines.index("confusion: said (columns) for true (rows)") + 1] == " ".join(
        map(str, range(n))
    )
    assert f"1 {names[1]} 92 98.9% 98.9% {names[2]} (1)" in lines


def test_more_classes_than_fit_are_told_by_their_mistakes() -> None:
    n = 101
    confusion = 100 * np.eye(n, dtype=np.int64)
    confusion[7, 9] = 12
    confusion[3, 1] = 40
    lines = squeezed(printed(evaluation(confusion), [f"class {k}" for k in range(n)]))
    at = lines.index("most frequent mistakes")
    assert lines[at + 4 : at + 6] == ["class 3 class 1 40", "class 7 class 9 12"]
    assert "all of them: --json, or --plot FOLDER" in lines
    assert not any("confusion:" in line for line in lines)
