"""Repairs: explicit changes of a recording's events, counted and written into its provenance.

``protocol``     what a repair is              ``apply``   repair a recording's packets
``time_order``   hold-time, drop-backward      ``sorting`` sort
``wraps``        unwrap                        ``duplicates`` drop-duplicates
``coordinates``  one-based, flip-x, flip-y     ``outside`` drop-outside
``polarity``     swap-polarity

Nothing is repaired unless a repair is named; what is named is done in that order.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports
from eventstore.registry import Entry, Registry

if TYPE_CHECKING:
    from eventstore.repairs.apply import named_repairs, repaired
    from eventstore.repairs.protocol import Repair, RepairReport

__all__ = ["REPAIRS", "Repair", "RepairReport", "named_repairs", "repaired"]

REPAIRS: Registry["Repair"] = Registry(
    "repair",
    "spikelake.repairs",
    {
        "drop-backward": Entry("eventstore.repairs.time_order:DROP_BACKWARD"),
        "drop-duplicates": Entry("eventstore.repairs.duplicates:REPAIR"),
        "drop-outside": Entry("eventstore.repairs.outside:REPAIR"),
        "flip-x": Entry("eventstore.repairs.coordinates:FLIP_X"),
        "flip-y": Entry("eventstore.repairs.coordinates:FLIP_Y"),
        "hold-time": Entry("eventstore.repairs.time_order:HOLD_TIME"),
        "one-based": Entry("eventstore.repairs.coordinates:ONE_BASED"),
        "sort": Entry("eventstore.repairs.sorting:REPAIR"),
        "swap-polarity": Entry("eventstore.repairs.polarity:REPAIR"),
        "unwrap": Entry("eventstore.repairs.wraps:REPAIR"),
    },
)
"""Every known repair by name."""

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Repair": "eventstore.repairs.protocol",
        "RepairReport": "eventstore.repairs.protocol",
        "named_repairs": "eventstore.repairs.apply",
        "repaired": "eventstore.repairs.apply",
    },
)
