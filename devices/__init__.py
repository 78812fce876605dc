"""From model to chip: graph → check → quantise → map → simulate → configuration.

``chip("speck2f")`` has the steps; ``graph_from_model`` and ``graph_from_nir`` make what they
start from; ``fidelity_report`` compares the model with its integers on samples.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from devices.chips import CHIPS, chip
    from devices.fidelity import Report
    from devices.graph import graph_from_model
    from devices.nir_graph import graph_from_nir
    from devices.nodes import Graph
    from devices.report import fidelity_report

__all__ = [
    "CHIPS",
    "Graph",
    "Report",
    "chip",
    "fidelity_report",
    "graph_from_model",
    "graph_from_nir",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CHIPS": "devices.chips",
        "Graph": "devices.nodes",
        "Report": "devices.fidelity",
        "chip": "devices.chips",
        "fidelity_report": "devices.report",
        "graph_from_model": "devices.graph",
        "graph_from_nir": "devices.nir_graph",
    },
)
