"""A report as a file: JSON that is read back into the same values."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from devices.fidelity import REPORT_FORMAT, LayerFidelity, Report, Way
from devices.intervals import PairedDifference
from devices.layer_loss import LayerLoss
from devices.likeness import Likeness
from devices.power import PowerEstimate
from devices.results import CoreUse
from eventstore.durable import DurableFolder
from eventstore.errors import FormatError
from eventstore.findings import Finding, Severity

T = TypeVar("T")

DERIVED = ("format_version", "accuracy_loss", "worst_layer")
"""What a report writes for readers of the file and computes itself."""


def write_report(report: Report, path: Path) -> None:
    """Write a report as JSON, whole or not at all."""
    folder = DurableFolder(path.parent)
    text = json.dumps(report.to_dict(), indent=1, ensure_ascii=False) + "\n"
    folder.stage(path.name, [text.encode()])
    folder.settle()


def read_report(path: Path) -> Report:
    """Return the report in a file that `write_report` wrote.

    Raises:
        FormatError: it is no report, or one of another version.
    """
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        version = plain["format_version"]
        if version != REPORT_FORMAT:
            raise _other_version(path, version)
        return report_from_dict(plain)
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, FormatError):
            raise
        message = f"not a fidelity report: {error!r}"
        hint = "spikelake chip report … --out FILE writes one"
        raise FormatError(message, path=path, hint=hint) from error


def _other_version(path: Path, found: object) -> FormatError:
    message, hint = "report of another version", "use the version of spikelake that wrote it"
    expected = str(REPORT_FORMAT)
    return FormatError(message, path=path, expected=expected, found=str(found), hint=hint)


def report_from_dict(plain: Mapping[str, Any]) -> Report:
    """Return the report that `Report.to_dict` gave as plain values."""
    values = {name: value for name, value in plain.items() if name not in DERIVED}
    for name in ("model_way", "integer_way", "event_way"):
        values[name] = _made(_way, values[name])
    values["layers"] = tuple(_layer(layer) for layer in values["layers"])
    values["findings"] = tuple(_finding(finding) for finding in values["findings"])
    values["power"] = _made(lambda found: PowerEstimate(**found), values["power"])
    return Report(**values)


def _made(make: Callable[[dict[str, Any]], T], values: dict[str, Any] | None) -> T | None:
    return None if values is None else make(values)


def _way(values: dict[str, Any]) -> Way:
    difference = _made(lambda found: PairedDifference(**found), values["difference"])
    curve = tuple(values["accuracy_after_step"])
    return Way(**values | {"difference": difference, "accuracy_after_step": curve})


def _layer(values: dict[str, Any]) -> LayerFidelity:
    made: dict[str, Any] = dict(values)
    made["neuron_shape"] = tuple(values["neuron_shape"])
    made["use"] = CoreUse(**values["use"])
    for name in ("integer_likeness", "event_likeness"):
        made[name] = _made(lambda found: Likeness(**found), values[name])
    for name in ("integer_loss", "event_loss"):
        made[name] = _made(lambda found: LayerLoss(**found), values[name])
    return LayerFidelity(**made)


def _finding(values: dict[str, str]) -> Finding:
    return Finding(**values | {"severity": Severity[values["severity"].upper()]})  # type: ignore[arg-type]
