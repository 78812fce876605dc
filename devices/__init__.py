"""From model to chip: graph → check → quantise → map → simulate → configuration.

``chip("speck2f")`` has the steps; ``graph_from_model`` and ``graph_from_nir`` make what they
start from. ``fidelity_report`` compares a model with its integers on samples, ``tune_run`` trains
it on through them. ``write_config``, ``load_config`` and ``diff_configs`` are for configurations
as files, ``write_report`` and ``read_report`` for reports; ``record_monitor`` records what a chip
tells.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from devices.chips import CHIPS, chip
    from devices.config_diff import diff_configs
    from devices.config_file import load_config, write_config
    from devices.fidelity import Report
    from devices.graph import graph_from_model
    from devices.monitor_recording import record_monitor
    from devices.nir_graph import graph_from_nir
    from devices.nodes import Graph
    from devices.report import fidelity_report
    from devices.report_file import read_report, write_report
    from devices.report_options import ReportOptions
    from devices.tuning import TuneConfig, tune_run

__all__ = [
    "CHIPS",
    "Graph",
    "Report",
    "ReportOptions",
    "TuneConfig",
    "chip",
    "diff_configs",
    "fidelity_report",
    "graph_from_model",
    "graph_from_nir",
    "load_config",
    "read_report",
    "record_monitor",
    "tune_run",
    "write_config",
    "write_report",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CHIPS": "devices.chips",
        "Graph": "devices.nodes",
        "Report": "devices.fidelity",
        "ReportOptions": "devices.report_options",
        "TuneConfig": "devices.tuning",
        "chip": "devices.chips",
        "diff_configs": "devices.config_diff",
        "fidelity_report": "devices.report",
        "graph_from_model": "devices.graph",
        "graph_from_nir": "devices.nir_graph",
        "load_config": "devices.config_file",
        "read_report": "devices.report_file",
        "record_monitor": "devices.monitor_recording",
        "tune_run": "devices.tuning",
        "write_config": "devices.config_file",
        "write_report": "devices.report_file",
    },
)
