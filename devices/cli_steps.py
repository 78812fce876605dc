"""Steps of the chip verbs that chips of several cores take otherwise than the others."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from devices.cli_speck import placed
from eventstore.errors import InvalidInput

if TYPE_CHECKING:
    from devices.protocol import Chip
    from devices.results import Mapping as CoreMapping
    from devices.results import SimResult

Way: TypeAlias = Callable[..., "SimResult"]


def prepared(
    model: Path, target: "Chip[Any]", split: Sequence[str] | None
) -> "tuple[Any, CoreMapping | None]":
    """Return the integers of a model, and their cores on a chip that has several.

    Args:
        model: a run, a NIR file or a configuration.
        target: the chip.
        split: layers to split over two cores.

    Raises:
        InvalidInput: a chip that cannot split layers.
    """
    from devices.model_files import net_of
    from devices.protocol import CoreChip

    if isinstance(target, CoreChip):
        return placed(model, target, split)
    refuse_options(target, {"split-layer": split})
    return net_of(model, target), None


def way_of(target: "Chip[Any]", *, by_event: bool) -> Way:
    """Return how a chip is simulated: time step by time step, or event by event.

    Raises:
        InvalidInput: the chip takes no single events.
    """
    from devices.protocol import CoreChip

    if not by_event:
        return target.simulate
    if not isinstance(target, CoreChip):
        message = f"{target.name} works in time steps, it takes no single events"
        raise InvalidInput(message, hint="leave --by-event and --order out")
    return target.simulate_events


def refuse_options(target: "Chip[Any]", options: Mapping[str, object]) -> None:
    """Refuse options that only the Speck family has.

    Args:
        target: a chip of another family.
        options: their values by name; None, or empty: not given.

    Raises:
        InvalidInput: one is given.
    """
    given = [name for name, value in options.items() if value is not None and value != []]
    if given:
        message = f"--{given[0]} is for chips of the Speck family, not for {target.name}"
        raise InvalidInput(message, hint="leave it out")
