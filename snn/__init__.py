"""Spikes, gradients, training: spiking layers, networks over time, recipes and runs."""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from snn.layers import IAF, LIF, ExpLeak, State
    from snn.sequential import SpikingSequential
    from snn.surrogate import Heaviside, PeriodicExponential, SingleExponential

__all__ = [
    "IAF",
    "LIF",
    "ExpLeak",
    "Heaviside",
    "PeriodicExponential",
    "SingleExponential",
    "SpikingSequential",
    "State",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "IAF": "snn.layers",
        "LIF": "snn.layers",
        "ExpLeak": "snn.layers",
        "Heaviside": "snn.surrogate",
        "PeriodicExponential": "snn.surrogate",
        "SingleExponential": "snn.surrogate",
        "SpikingSequential": "snn.sequential",
        "State": "snn.layers",
    },
)
