"""Network builders, by the names that recipes use."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from eventstore.registry import Entry, Registry

if TYPE_CHECKING:
    from snn.sequential import SpikingSequential

MODELS: "Registry[Callable[..., SpikingSequential]]" = Registry(
    "model",
    "spikelake.models",
    {
        "conv_net": Entry("snn.models.vision:conv_net"),
        "dpi_mlp": Entry("snn.models.dpi_mlp:dpi_mlp"),
        "spiking_mlp": Entry("snn.models.spiking_mlp:spiking_mlp"),
        "synnet": Entry("snn.models.synnet:synnet"),
        "wavesense": Entry("snn.models.wavesense:wavesense"),
    },
)
"""Builders ``(n_classes, input_shape, **options) -> SpikingSequential``."""
