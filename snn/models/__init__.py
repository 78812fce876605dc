"""Network builders, by the names that recipes use."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from eventstore.registry import Entry, Registry

if TYPE_CHECKING:
    from snn.sequential import SpikingSequential

MODELS: "Registry[Callable[..., SpikingSequential]]" = Registry(
    "model", "spikelake.models", {"conv_net": Entry("snn.models.vision:conv_net")}
)
"""Builders ``(n_classes, input_shape, **options) -> SpikingSequential``."""
