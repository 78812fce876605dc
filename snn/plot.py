"""Plots of networks with matplotlib: each draws on axes, given or new, and returns them.

``confusion``  what was taken for what       ``latency``     accuracy over time
``history``    loss and accuracy by epoch    ``robustness``  accuracy over mismatch and noise

Those of events are in `eventstore.plot`.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from snn.evaluation_plot import draw_confusion as confusion
    from snn.evaluation_plot import draw_latency as latency
    from snn.history_plot import draw_history as history
    from snn.robustness_of_runs.files import draw_robustness as robustness

__all__ = ["confusion", "history", "latency", "robustness"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "confusion": "snn.evaluation_plot:draw_confusion",
        "history": "snn.history_plot:draw_history",
        "latency": "snn.evaluation_plot:draw_latency",
        "robustness": "snn.robustness_of_runs.files:draw_robustness",
    },
)
