"""Checks of a whole Xylo configuration: fields alone, then what must go together."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from devices.config_schema import check_fields
from devices.xylo.chip import XyloSpec
from devices.xylo.config import network_digest
from devices.xylo.config_fields import SYN2, config_fields
from devices.xylo.config_net import net_from_config
from eventstore.findings import Finding, Severity, error_at, finding_at, has_errors

AGAIN = "write the file again: spikelake chip config"


def check_config(config: Mapping[str, Any], spec: XyloSpec) -> list[Finding]:
    """Return what is wrong with a configuration, each finding with the path of its field.

    Where fields are missing, unknown or out of range, those alone are told; else also what does
    not go together: shapes, the limits of the chip, aliases, and what is switched off.

    Args:
        config: the configuration, through JSON or not.
        spec: the chip it is for.

    Examples:
        >>> from devices.xylo.chip import XYLO_AUDIO3
        >>> [f.where for f in check_config({"input": []}, XYLO_AUDIO3)][:2]
        ['header', 'bias_enable']
    """
    found = list(check_fields(config, config_fields(spec)))
    if found:
        return found
    found += _check_header(config["header"], spec)
    shapes = list(_check_shapes(config, spec))
    found += shapes
    if shapes:
        return found
    found += _check_limits(config, spec)
    found += _check_aliases(config[spec.hidden_group], spec)
    found += _check_layers(config, spec)
    found += _check_switches(config, spec)
    if not has_errors(found):
        found += _check_digest(config, spec)
    return found


def _check_header(header: Mapping[str, Any], spec: XyloSpec) -> Iterator[Finding]:
    if header["chip"] != spec.name:
        message = f"expected {spec.name}, found {header['chip']}"
        fix = "name the chip that the file was written for, or write one for this chip"
        yield error_at("header.chip", message, "config-chip", fix)
    if not header["dt"] > 0:
        message = f"expected a time step above 0 s, found {header['dt']}"
        yield error_at("header.dt", message, "config-field", AGAIN)


def _check_shapes(config: Mapping[str, Any], spec: XyloSpec) -> Iterator[Finding]:
    group = spec.hidden_group
    hidden, given, readout = config[group], config["input"], config["readout"]
    n, n_out = len(hidden["neurons"]), len(readout["neurons"])
    reached, reaching = np.shape(given["weights"]), np.shape(readout["weights"])
    if np.shape(hidden["weights"]) != (n, n) or n == 0:
        message = f"expected {n}×{n} by its neurons, found {_times(hidden['weights'])}"
        yield error_at(f"{group}.weights", message, "config-shape", AGAIN)
    if not reached or reached[0] == 0 or reached[-1] > n:
        message = f"expected inputs × at most {n} hidden neurons, found {_times(given['weights'])}"
        yield error_at("input.weights", message, "config-shape", AGAIN)
    if len(reaching) != 2 or reaching[1] != n_out or reaching[0] > n or n_out == 0:
        message = f"expected at most {n} hidden neurons × {n_out} by its neurons, found "
        message += _times(readout["weights"])
        yield error_at("readout.weights", message, "config-shape", AGAIN)
    for name, tables in ((group, hidden), ("input", given)):
        present = SYN2 in tables
        if config["synapse2_enable"] and not present:
            message = "expected weights, as synapse2_enable is true, found nothing"
            yield error_at(f"{name}.{SYN2}", message, "config-shape", AGAIN)
        elif present and np.shape(tables[SYN2]) != np.shape(tables["weights"]):
            message = f"expected {_times(tables['weights'])} as weights, found "
            yield error_at(f"{name}.{SYN2}", message + _times(tables[SYN2]), "config-shape", AGAIN)


def _check_limits(config: Mapping[str, Any], spec: XyloSpec) -> Iterator[Finding]:
    group = spec.hidden_group
    n_in, n_reached = np.shape(config["input"]["weights"])
    for where, what, found, most in (
        ("input.weights", "inputs", n_in, spec.n_inputs),
        (f"{group}.neurons", "hidden neurons", len(config[group]["neurons"]), spec.n_hidden),
        ("readout.neurons", "outputs", len(config["readout"]["neurons"]), spec.n_outputs),
        ("input.weights", "hidden neurons that take inputs", n_reached, spec.input_reach),
        (
            "readout.weights",
            "hidden neurons that reach outputs",
            len(config["readout"]["weights"]),
            spec.output_reach,
        ),
        ("synapse2_enable", "synapses", 1 + config["synapse2_enable"], spec.n_synapses),
    ):
        if most is not None and found > most:
            message = f"expected ≤ {most:,} {what} on {spec.name}, found {found:,}"
            yield error_at(where, message, "config-limit", "put a smaller network on the chip")


def _check_aliases(hidden: Mapping[str, Any], spec: XyloSpec) -> Iterator[Finding]:
    rows = hidden["neurons"]
    for at, row in enumerate(rows):
        target = row["alias_target"]
        if target is None:
            continue
        where = f"{spec.hidden_group}.neurons[{at}].alias_target"
        if target >= len(rows) or target == at:
            message = f"expected another of {len(rows)} hidden neurons, found {target}"
            yield error_at(where, message, "config-alias", AGAIN)
        elif not hidden["aliasing"]:
            message = "spikes are not handed on, as aliasing is false"
            yield finding_at(Severity.WARNING, where, message, "alias-off", "set it to true")
        elif target < at:
            message = f"neuron {target} has fired before {at} does: it fires once more for it, but "
            message += "does not count that towards its cap"
            yield finding_at(Severity.WARNING, where, message, "alias-backwards", AGAIN)


def _check_layers(config: Mapping[str, Any], spec: XyloSpec) -> Iterator[Finding]:
    sizes = {
        False: len(config[spec.hidden_group]["neurons"]),
        True: len(config["readout"]["neurons"]),
    }
    for at, row in enumerate(config["header"]["layers"]):
        most = sizes[row["output"]]
        if not row["start"] < row["stop"] <= most:
            message = f"expected ids within 0 … {most}, found {row['start']} … {row['stop']}"
            yield error_at(f"header.layers[{at}]", message, "config-layer", AGAIN)


def _check_switches(config: Mapping[str, Any], spec: XyloSpec) -> Iterator[Finding]:
    rows = [*config[spec.hidden_group]["neurons"], *config["readout"]["neurons"]]
    if any(row["v_mem_bias"] for row in rows) and not config["bias_enable"]:
        message = "expected true, as biases are not all 0, found false: they are never added"
        where = "bias_enable"
        yield finding_at(Severity.WARNING, where, message, "biases-switched-off", "set it to true")
    for name in (spec.hidden_group, "input"):
        if SYN2 in config[name] and not config["synapse2_enable"]:
            message = "there are weights of a second synapse, which is switched off"
            where = f"{name}.{SYN2}"
            yield finding_at(Severity.WARNING, where, message, "synapse-off", "remove them")


def _check_digest(config: Mapping[str, Any], spec: XyloSpec) -> Iterator[Finding]:
    """Yield a warning where the file holds another network than the one it was written for."""
    found = network_digest(net_from_config(config, spec))
    if found != config["header"]["model_digest"]:
        message = "the network was changed since the file was written"
        fix = f"if that was meant, set it to {found}"
        yield finding_at(Severity.WARNING, "header.model_digest", message, "config-edited", fix)


def _times(value: list[Any]) -> str:
    return "×".join(map(str, np.shape(value))) or "a single value"
