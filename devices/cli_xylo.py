"""Options of the chip verbs that only the Xylo family has, and what they choose."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from eventstore.errors import InvalidInput

if TYPE_CHECKING:
    from devices.cli_steps import Way
    from devices.protocol import Chip
    from devices.results import SimResult

RoundBy: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--round-by",
        metavar="channel|global",
        help="Xylo: a scale for each neuron, as if absent, or one for all.",
    ),
]
Percentile: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        help="Xylo: clip what is larger than so many percent of the weights, for finer ones.",
    ),
]


def rounded_by(
    target: "Chip[Any]", model: Path, round_by: str | None, percentile: float | None
) -> "Chip[Any]":
    """Return a chip that rounds as the options of a command say; None changes nothing.

    Args:
        target: the chip.
        model: what is put on it.
        round_by: whose scale is whose.
        percentile: what is not clipped.

    Raises:
        InvalidInput: an option has no such value, or the chip no such option, or the model holds
            integers already.
    """
    from dataclasses import replace

    from devices.model_files import is_config
    from devices.xylo.family import Xylo

    given = {"round_by": round_by, "percentile": percentile}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if not chosen:
        return target
    if not isinstance(target, Xylo):
        option = next(iter(chosen)).replace("_", "-")
        message = f"--{option} is for chips of the Xylo family, not for {target.name}"
        raise InvalidInput(message, hint="leave it out")
    if is_config(model):
        message = f"--{next(iter(chosen)).replace('_', '-')} chooses how floats become integers, "
        message += f"{model} holds integers"
        raise InvalidInput(message, hint="give the run or the NIR file that it was made from")
    if "round_by" in chosen:
        chosen["method"] = chosen.pop("round_by")
    return replace(target, rounding=replace(target.rounding, **chosen))


def watched(target: "Chip[Any]", way: "Way") -> "tuple[Way, Counter[str]]":
    """Return how a chip is simulated, and what will have been held back once that has run.

    Args:
        target: the chip; only one of the Xylo family counts what its widths hold back.
        way: how it is simulated otherwise.

    Returns: the way, and counts by name, which grow with each batch.
    """
    from devices.xylo.family import Xylo
    from devices.xylo.program import compile_net
    from devices.xylo.simulate import result_of, run_net

    held: Counter[str] = Counter()
    if not isinstance(target, Xylo):
        return way, held

    def run(q: Any, frames: Any, lengths: Any = None) -> "SimResult":  # noqa: ANN401 # as `Way`
        program, rasters = compile_net(q), frames.reshape(*frames.shape[:2], -1)
        did = run_net(program, rasters, lengths)
        held.update(did.tally.totals)
        return result_of(program, did, rasters)

    return run, held
