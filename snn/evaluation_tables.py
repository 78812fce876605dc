"""An evaluation as tables for people."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int64

from snn.activity_count import LayerActivity
from snn.evaluation import Evaluation
from snn.latency import Latency

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

MAX_POINTS = 10
"""Steps of the latency curve that are told."""

CONFUSION_TITLE = "confusion: said (columns) for true (rows)"

MAX_MISTAKES = 15
"""Mistakes that are told where the matrix of all would be wider than the screen."""


def print_evaluation(
    found: Evaluation,
    label_names: Sequence[str],
    console: "Console",
    *,
    step_ms: float | None = None,
) -> None:
    """Print accuracy, classes, confusion, accuracy over time, and the activity of layers.

    Args:
        found: the evaluation.
        label_names: classes, in the order of the output neurons.
        console: where to print.
        step_ms: length of a time step; None where steps have no fixed length.
    """
    n = len(found.predictions)
    right = int(np.trace(found.confusion))
    console.print(f"accuracy {found.accuracy:.2%}: {right} of {n} samples, loss {found.loss:.4f}\n")
    for table in (class_table(found, label_names), _confused(found, label_names, console.width)):
        console.print(table)
        console.print()
    console.print(latency_table(found.latency, step_ms))
    for sentence in _timing(found.latency, step_ms):
        console.print(sentence, soft_wrap=True)
    console.print()
    console.print(activity_table(found.layers))
    for sentence in _warnings(found):
        console.print(sentence, soft_wrap=True)


def class_table(found: Evaluation, label_names: Sequence[str]) -> "Table":
    """Return samples, recall and precision of each class, and what it is most taken for."""
    numbered = () if _are_heads(label_names) else ("no.",)
    columns = ("class", "samples", "recall", "precision", "most taken for")
    table = _table("classes", *numbered, *columns)
    table.columns[-5].justify = table.columns[-1].justify = "left"
    for k, (name, one) in enumerate(zip(label_names, found.classes, strict=True)):
        missed = found.confusion[k].copy()
        missed[k] = 0
        worst = int(missed.argmax())
        taken = f"{label_names[worst]} ({missed[worst]})" if missed[worst] else ""
        number = (str(k),) if numbered else ()
        scores = (str(one.samples), _percent(one.recall), _percent(one.precision))
        table.add_row(*number, name, *scores, taken)
    return table


def confusion_table(
    confusion: Int64[np.ndarray, "true said"], label_names: Sequence[str]
) -> "Table":
    """Return the confusion matrix; classes of long names go by their number."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 0, 0, 1))
    heads = _heads(label_names)
    for head in ("", *heads):
        table.add_column(head, justify="right", no_wrap=True)
    for k, row in enumerate(confusion.tolist()):
        cells = (
            Text(str(n) if n else "·", style="bold" if k == said else "" if n else "dim")
            for said, n in enumerate(row)
        )
        table.add_row(Text(heads[k], style="bold"), *cells)
    return table


def _confused(found: Evaluation, label_names: Sequence[str], width: int) -> "RenderableType":
    """Return the matrix where it is no wider than the screen, else the most frequent mistakes."""
    from rich.console import Group

    heads = _heads(label_names)
    cells = found.confusion.max(0)
    columns = [max(len(head), len(str(n))) for head, n in zip(heads, cells, strict=True)]
    needed = 1 + max(map(len, heads)) + sum(columns) + len(columns)
    if needed <= width:
        return Group(CONFUSION_TITLE, confusion_table(found.confusion, label_names))
    more = "all of them: --json, or --plot FOLDER"
    return Group(mistakes_table(found.confusion, label_names), more)


def _heads(label_names: Sequence[str]) -> list[str]:
    """Return a short name of each class: its own, or its number."""
    if _are_heads(label_names):
        return list(label_names)
    return [str(k) for k in range(len(label_names))]


def _are_heads(label_names: Sequence[str]) -> bool:
    return max(map(len, label_names)) <= 3


def mistakes_table(
    confusion: Int64[np.ndarray, "true said"], label_names: Sequence[str]
) -> "Table":
    """Return the most frequent mistakes."""
    wrong = confusion - np.diag(np.diag(confusion))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MAX_MISTAKES]
    table = _table("most frequent mistakes", "true", "said", "samples")
    table.columns[0].justify = table.columns[1].justify = "left"
    for true, said in zip(*np.unravel_index(order, wrong.shape), strict=True):
        if wrong[true, said]:
            table.add_row(label_names[true], label_names[said], str(wrong[true, said]))
    return table


def latency_table(latency: Latency, step_ms: float | None) -> "Table":
    """Return accuracy after some of the steps, the first and the last among them."""
    timed = ("time (ms)",) if step_ms else ()
    table = _table("accuracy over time", "after step", *timed, "accuracy")
    n_steps = len(latency.accuracy)
    for step in np.unique(np.linspace(1, n_steps, min(n_steps, MAX_POINTS)).round().astype(int)):
        time = (f"{step * step_ms:g}",) if step_ms else ()
        table.add_row(str(step), *time, f"{latency.accuracy[step - 1]:.1%}")
    return table


def activity_table(layers: Sequence[LayerActivity]) -> "Table":
    """Return spikes, rate, silent neurons and synaptic operations of each layer."""
    table = _table(
        "activity per sample", "layer", "kind", "neurons", "spikes", "per neuron\nand step",
        "never\nspiked", "synaptic\noperations",
    )  # fmt: skip
    table.columns[0].justify = table.columns[1].justify = "left"
    for one in layers:
        silent = "all: silent" if one.silent else _count(one.silent_neurons)
        rate = "" if one.rate is None else f"{one.rate:.4f}"
        activity = (_count(one.neurons), _count(one.spikes), rate, silent, _count(one.synops))
        table.add_row(one.name, one.kind, *activity, style="bold red" if one.silent else "")
    table.add_section()
    spikes = sum(one.spikes or 0.0 for one in layers)
    table.add_row("all", "", "", _count(spikes), "", "", _count(sum(o.synops or 0 for o in layers)))
    return table


def _timing(latency: Latency, step_ms: float | None) -> Iterator[str]:
    if latency.median_decided is not None and latency.median_first_output is not None:
        first = _moment(latency.median_first_output, step_ms)
        decided = _moment(latency.median_decided, step_ms)
        yield f"first output at {first}, decided from {decided} on: medians over samples"
        if latency.accuracy[-1] > 0:
            yield f"95 % of the last accuracy from {_moment(latency.steps_to(0.95), step_ms)} on"
    if latency.undecided:
        n = len(latency.decided)
        silent = f"no output at all for {latency.undecided} of {n} samples"
        yield f"{silent}: they count as the first class"


def _moment(step: float, step_ms: float | None) -> str:
    return f"step {step:g}" + (f" ({step * step_ms:g} ms)" if step_ms else "")


def _warnings(found: Evaluation) -> Iterator[str]:
    silent = [one.name for one in found.layers if one.silent]
    if silent:
        yield f"warning: silent, none of their neurons ever spiked: {', '.join(silent)}"
        yield "hint: lower spike_threshold, or scale the weights before them up"
    if found.uncounted:
        yield f"synaptic operations not counted: {', '.join(found.uncounted)}"


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _count(number: float | None) -> str:
    return "" if number is None else f"{number:,.0f}"
