import struct
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from snn import evaluation_plot
from snn.evaluation_plot import confusion_plot, latency_plot, write_plots
from snn.latency import Latency


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Catch figures as they are turned into files, to look at what is on them."""
    figures: list[Figure] = []

    def catch(figure: Figure) -> bytes:
        figures.append(figure)
        return b""

    monkeypatch.setattr(evaluation_plot, "as_png", catch)
    return figures


def latency(steps: int = 5) -> Latency:
    return Latency(
        accuracy=np.linspace(0.2, 0.9, steps),
        first_output=np.array([1, 1, 0, 2]),
        decided=np.array([1, 3, 0, 3]),
    )


def test_a_confusion_matrix_says_what_its_axes_are(drawn: list[Figure]) -> None:
    confusion_plot(np.array([[3, 1], [0, 0]]), ["left", "right"], title="mine")
    axes, bar = drawn[0].axes
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true class", "class said")
    assert axes.get_title() == "mine"
    assert [t.get_text() for t in axes.get_xticklabels()] == ["left", "right"]
    assert [t.get_text() for t in axes.texts] == ["3", "1"]
    assert bar.get_ylabel() == "share of the true class (%)"
    shares = axes.images[0].get_array()
    assert shares is not None
    assert shares.tolist() == [[75.0, 25.0], [0.0, 0.0]]


def test_many_classes_are_drawn_without_numbers(drawn: list[Figure]) -> None:
    n = evaluation_plot.MAX_COUNTED + 1
    confusion_plot(np.eye(n, dtype=np.int64), [f"class {k}" for k in range(n)])
    assert not drawn[0].axes[0].texts


@pytest.mark.parametrize(
    ("step_ms", "axis", "median"),
    [(None, "time step", "median decision: step 3"), (10.0, "time (ms)", "median decision: 30 ms")],
)
def test_latency_is_in_time_where_steps_have_a_length(
    drawn: list[Figure], step_ms: float | None, axis: str, median: str
) -> None:
    latency_plot(latency(), step_ms=step_ms)
    (axes,) = drawn[0].axes
    assert axes.get_xlabel() == axis
    assert axes.get_ylabel() == "samples (%)"
    accuracy, standing, line = axes.lines
    assert line.get_label() == median
    assert np.allclose(np.asarray(accuracy.get_ydata())[[0, -1]], [20, 90])
    assert np.asarray(standing.get_ydata()).tolist() == [25, 25, 75, 75, 75]
    assert np.asarray(accuracy.get_xdata())[-1] == 5 * (step_ms or 1)


def test_without_any_output_there_is_no_median(drawn: list[Figure]) -> None:
    none = np.zeros(2, np.int64)
    latency_plot(Latency(accuracy=np.array([0.5, 0.5]), first_output=none, decided=none))
    assert len(drawn[0].axes[0].lines) == 2


def test_pictures_are_whole_files(tmp_path: Path) -> None:
    from snn.evaluation import Evaluation

    found = Evaluation(
        accuracy=0.5,
        loss=1.0,
        confusion=np.array([[1, 1], [1, 1]]),
        predictions=np.array([0, 1, 0, 1]),
        latency=latency(),
        layers=(),
    )
    written = write_plots(found, ["a", "b"], tmp_path / "new", title="x")
    assert [path.name for path in written] == ["confusion.png", "latency.png"]
    for path in written:
        width, height = size_of(path.read_bytes())
        assert min(width, height) > 300
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["confusion.png", "latency.png"]
