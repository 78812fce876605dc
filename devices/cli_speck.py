"""Options of the chip verbs that only the Speck family has."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from eventstore.errors import InvalidInput

if TYPE_CHECKING:
    from devices.protocol import Chip, CoreChip
    from devices.results import Mapping, QuantizedGraph, SimResult
    from devices.speck.scaling import Scaling
    from eventstore.findings import Finding

Clip: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[LAYER=]PART",
        help="Let weights, lower-bound or threshold be clipped for finer weights, in all layers or "
        "in one; repeat.",
    ),
]
Search: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="balance|flow",
        help="How layers are given cores: most memory left, or as the vendor's tools do.",
    ),
]
Order: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="depth-first|breadth-first",
        help="Event by event, follow each spike to the end as the chip does, or core after core.",
    ),
]
Split: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--split-layer", metavar="LAYER", help="Compute a layer by two cores; repeat for more."
    ),
]
ReadoutRoom: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--readout-room/--no-readout-room",
        help="Keep room on the last core for the on-chip readout; where possible if absent.",
    ),
]

PARTS = {
    "weights": "clip_weights",
    "lower-bound": "clip_lower_bound",
    "threshold": "clip_threshold",
}


def chip_set(
    name: str,
    *,
    clip: Sequence[str] | None = None,
    search: str | None = None,
    order: str | None = None,
    readout: bool | None = None,
) -> "Chip[Any]":
    """Return a chip that goes by the options of a command; those that are None change nothing.

    Raises:
        NotFound: there is no such chip.
        InvalidInput: an option has no such value, or the chip no such option.
    """
    from dataclasses import replace

    from devices.chips import CHIPS
    from devices.speck.family import Speck

    target = CHIPS[name]
    given = {"clip": clip, "search": search, "order": order, "readout": readout}
    chosen: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if not chosen:
        return target
    if not isinstance(target, Speck):
        message = f"--{next(iter(chosen))} is for chips of the Speck family, not for {name}"
        raise InvalidInput(message, hint="leave it out")
    if clip is not None:
        chosen["scaling"] = scaling_of_text(chosen.pop("clip"))
    return replace(target, settings=replace(target.settings, **chosen))


def scaling_of_text(texts: Sequence[str]) -> "dict[str, Scaling] | Scaling":
    """Return what may be clipped, by layer if a layer is named.

    Raises:
        InvalidInput: an unknown part, or both all layers and one by name.

    Examples:
        >>> scaling_of_text(["conv1=weights", "conv1=lower-bound"])["conv1"].clip_weights
        True
    """
    from dataclasses import replace

    from devices.speck.scaling import RULE

    found: dict[str, Scaling] = {}
    for text in texts:
        layer, _, part = text.rpartition("=")
        if part not in PARTS:
            message = f"--clip {text!r}: there is no part {part!r}"
            hint = f"take one of {', '.join(PARTS)}, such as --clip conv1=lower-bound"
            raise InvalidInput(message, hint=hint)
        changed: dict[str, Any] = {PARTS[part]: True}
        found[layer] = replace(found.get(layer, RULE), **changed)
    if "" in found and len(found) > 1:
        named = next(layer for layer in found if layer)
        message = f"--clip names all layers and layer {named!r}"
        raise InvalidInput(message, hint="name each layer, or none")
    return found.get("", found)


def placed(
    model: Path, target: "CoreChip", split: Sequence[str] | None, *, again: bool = False
) -> "tuple[QuantizedGraph, Mapping]":
    """Return the integers of a model and their cores, some layers split over two.

    Args:
        model: a run, a NIR file or a configuration.
        target: the chip.
        split: layers to split, one after the other.
        again: choose cores anew for a configuration, whose cores are kept else.

    Raises:
        InvalidInput: a chip that cannot split layers.
    """
    from devices.model_files import integers_of
    from devices.speck.family import Speck

    q, mapping = integers_of(model, target)
    if not split and not again:
        return q, mapping
    if not isinstance(target, Speck):
        message = f"--split-layer is for chips of the Speck family, not for {target.name}"
        raise InvalidInput(message, hint="leave it out")
    for name in split or ():
        q = target.split(q, name)
    return q, target.map(q)


def simulation_findings(
    model: Path,
    target: "Chip[Any]",
    q: Any,  # noqa: ANN401  (a network of the chip)
    result: "SimResult",
) -> "list[Finding]":
    """Return which layer does most operations, and what of a configuration was left out.

    Args:
        model: a run, a NIR file or a configuration.
        target: the chip; only of the Speck family there is something to say.
        q: the network that was simulated.
        result: what it did.
    """
    from devices.config_file import read_config
    from devices.model_files import is_config
    from devices.speck.config_graph import options_from_config
    from devices.speck.family import Speck
    from eventstore.findings import Severity, finding_at

    if not isinstance(target, Speck):
        return []
    found = target.check_load(q, result)
    options = options_from_config(read_config(model), target.spec) if is_config(model) else None
    for layer, one_of in options.decimate.items() if options else ():
        message = f"its decimator lets one of {one_of} spikes pass, which was left out here"
        fix = "spikelake chip monitor CONFIG --play FILE simulates decimators too"
        found.append(finding_at(Severity.WARNING, layer, message, "decimator-left-out", fix))
    return found


def refuse_clip(model: Path, clip: Sequence[str] | None) -> None:
    """Refuse to clip in a configuration, which holds integers alone."""
    from devices.model_files import is_config

    if clip and is_config(model):
        message = f"--clip chooses how floats become integers, {model} holds integers"
        raise InvalidInput(message, hint="give the run or the NIR file that it was made from")
