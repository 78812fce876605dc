"""How a chip of the Speck family goes about its steps, where there is a choice."""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.speck.mapping import Search
from devices.speck.scaling import RULE, Scaling
from devices.speck.sim_settings import Order, SimSettings
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeckSettings:
    """What all steps of a chip go by, unless a step is told otherwise.

    Args:
        scaling: what may be clipped for finer weights, in all layers or by name of the layer.
        search: how layers are given cores; see `devices.speck.mapping.map_layers`.
        readout: whether the last layer's core must have room for what the on-chip readout needs;
            None: where that is possible.
        order: in what order the event-driven simulation follows spikes.

    Raises:
        InvalidInput: an unknown search or order.

    Examples:
        >>> SpeckSettings(search="flow").order
        'depth-first'
    """

    scaling: Scaling | Mapping[str, Scaling] = RULE
    search: Search = "balance"
    readout: bool | None = None
    order: Order = "depth-first"

    def __post_init__(self) -> None:
        if self.search not in {"balance", "flow"}:
            message = f"unknown search {self.search!r} for cores"
            hint = "take 'balance', which leaves most memory, or 'flow', the vendor's choice"
            raise InvalidInput(message, hint=hint)
        SimSettings(order=self.order)


DEFAULT = SpeckSettings()
"""The documented rules, and the best search."""
