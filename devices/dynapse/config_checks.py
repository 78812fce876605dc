"""Checks of a whole configuration: fields alone, then what must go together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from devices.config_schema import check_fields
from devices.dynapse.chip import DynapseSpec
from devices.dynapse.config import network_digest
from devices.dynapse.config_fields import BASE, config_fields
from devices.dynapse.config_net import arrivals, net_from_config
from eventstore.findings import Finding, Severity, error_at, finding_at, has_errors
from snn.dpi.inhibition import INHIBITION

AGAIN = "write the file again: spikelake chip config"


def check_config(config: Mapping[str, Any], spec: DynapseSpec) -> list[Finding]:
    """Return what is wrong with a configuration, each finding with the path of its field.

    Args:
        config: the configuration, through JSON or not.
        spec: the chip it is for.

    Examples:
        >>> from devices.dynapse.chip import DYNAPSE2
        >>> [f.where for f in check_config({"cores": []}, DYNAPSE2)]
        ['header', 'inputs']
    """
    fields = list(check_fields(config, config_fields(spec)))
    if fields:
        return fields
    found = [*_header(config, spec), *_cores(config, spec), *_population(config)]
    if not has_errors(found):
        found += _synapses(config, spec)
    if not has_errors(found):
        digest = network_digest(net_from_config(config, spec))
        if digest != config["header"]["model_digest"]:
            message = "the network was changed since the file was written"
            fix = f"if that was meant, set it to {digest}"
            where = "header.model_digest"
            found.append(finding_at(Severity.WARNING, where, message, "config-edited", fix))
    return found


def _header(config: Mapping[str, Any], spec: DynapseSpec) -> Iterator[Finding]:
    header = config["header"]
    if header["chip"] != spec.name:
        message = f"expected {spec.name}, found {header['chip']}"
        fix = "name the chip that the file was written for, or write one for this chip"
        yield error_at("header.chip", message, "config-chip", fix)
    values = {"dt": header["dt"], "i_scale": header["i_scale"], **header["circuit"]}
    for name, value in values.items():
        if not value > 0:
            where = f"header.{name}" if name in header else f"header.circuit.{name}"
            yield error_at(
                where, f"expected a number above 0, found {value}", "config-range", AGAIN
            )
    if not header["populations"]:
        message = "expected one layer and more, found none"
        yield error_at("header.populations", message, "config-field", AGAIN)


def _cores(config: Mapping[str, Any], spec: DynapseSpec) -> Iterator[Finding]:
    with_them = [INHIBITION[0] in core["parameters"] for core in config["cores"]]
    for number, there in enumerate(with_them):
        if there != with_them[0]:
            message = f"core 0 {'has' if with_them[0] else 'lacks'} currents of inhibitory "
            message += f"synapses, this one {'has' if there else 'lacks'} them"
            fix = f"give all cores {' and '.join(INHIBITION)}, or none"
            yield error_at(f"cores[{number}].parameters", message, "config-inhibition", fix)
    for channel, row in enumerate(config["inputs"]):
        yield from _destinations(row, f"inputs[{channel}]", spec)
    for number, core in enumerate(config["cores"]):
        path = f"cores[{number}]"
        found = core["chip"] * spec.cores_per_chip + core["core"]
        if found != number:
            message = f"expected core {number} of the stack, found {found}"
            yield error_at(path, message, "config-order", "list cores from the first, without gaps")
        if len(core["neurons"]) > spec.neurons_per_core:
            message = f"expected ≤ {spec.neurons_per_core} neurons, found {len(core['neurons'])}"
            yield error_at(f"{path}.neurons", message, "config-memory", AGAIN)
        for name, value in core["parameters"].items():
            if name not in BASE and not value > 0:
                message = f"expected a current above 0 A, found {value}"
                yield error_at(f"{path}.parameters.{name}", message, "config-range", AGAIN)
        for at, neuron in enumerate(core["neurons"]):
            yield from _lengths(neuron, f"{path}.neurons[{at}]", spec)


def _lengths(neuron: Mapping[str, Any], path: str, spec: DynapseSpec) -> Iterator[Finding]:
    n = len(neuron["tags"])
    for name in ("codes", "signs"):
        if len(neuron[name]) != n:
            message = f"expected {n}, one a tag, found {len(neuron[name])}"
            yield error_at(f"{path}.{name}", message, "config-shape", AGAIN)
    if n > spec.synapses_per_neuron:
        message = f"expected ≤ {spec.synapses_per_neuron} synapses, found {n}"
        yield error_at(f"{path}.tags", message, "config-memory", AGAIN)
    if len(neuron["destinations"]) > spec.destinations_per_neuron:
        message = f"expected ≤ {spec.destinations_per_neuron}, found {len(neuron['destinations'])}"
        yield error_at(f"{path}.destinations", message, "config-memory", AGAIN)
    yield from _destinations(neuron, path, spec)


def _destinations(sender: Mapping[str, Any], path: str, spec: DynapseSpec) -> Iterator[Finding]:
    for at, one in enumerate(sender["destinations"]):
        if len(one["cores"]) != spec.cores_per_chip:
            message = f"expected {spec.cores_per_chip}, found {len(one['cores'])}"
            yield error_at(f"{path}.destinations[{at}].cores", message, "config-shape", AGAIN)


def _population(config: Mapping[str, Any]) -> Iterator[Finding]:
    counts = [row["count"] for row in config["header"]["populations"]]
    wanted = {(p, i) for p, count in enumerate(counts) for i in range(count)}
    seen: Counter[tuple[int, int]] = Counter()
    for number, core in enumerate(config["cores"]):
        for at, neuron in enumerate(core["neurons"]):
            key = (neuron["population"], neuron["index"])
            seen[key] += 1
            if key not in wanted or seen[key] > 1:
                what = "a second time" if key in wanted else "of no layer in the header"
                message = f"neuron {key[1]} of layer {key[0]} {what}"
                yield error_at(f"cores[{number}].neurons[{at}]", message, "config-neuron", AGAIN)
    lost = sorted(wanted - seen.keys())
    if lost:
        message = f"{len(lost)} neurons are on no core, the first of layer {lost[0][0]}"
        yield error_at("cores", message, "config-neuron", AGAIN)


def _synapses(config: Mapping[str, Any], spec: DynapseSpec) -> Iterator[Finding]:
    """Yield tags that no source or two sources come with, and sources of the wrong layer."""
    heard: dict[tuple[int, int], int] = {}
    for source, core, tag, path in arrivals(config, spec):
        if heard.setdefault((core, tag), source) != source:
            message = f"tag {tag} comes to core {core} from two sources"
            yield error_at(f"{path}.tag", message, "config-tag", "give each its own")
    rows = config["header"]["populations"]
    ends = [0, len(config["inputs"])]
    for row in rows:
        ends.append(ends[-1] + row["count"])
    for number, core in enumerate(config["cores"]):
        for at, neuron in enumerate(core["neurons"]):
            p, path = neuron["population"], f"cores[{number}].neurons[{at}].tags"
            last = ends[p + 2] if rows[p]["recurrent"] else ends[p + 1]
            for k, tag in enumerate(neuron["tags"]):
                if (number, tag) not in heard:
                    message = f"tag {tag} reaches core {number} from no source"
                    yield error_at(f"{path}[{k}]", message, "config-tag", AGAIN)
                elif not ends[p] <= heard[number, tag] < last:
                    message = f"tag {tag} is of a source that layer {p} does not listen to"
                    yield error_at(f"{path}[{k}]", message, "config-tag", AGAIN)
            if len(set(neuron["tags"])) < len(neuron["tags"]):
                message = "two synapses of one tag: their weights would add up"
                yield error_at(path, message, "config-tag", "keep one of them")
