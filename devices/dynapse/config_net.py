"""Back from a configuration to the network that it holds."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from devices.dynapse.chip import DynapseSpec
from devices.dynapse.coded import CodedNet, CodedPopulation
from devices.dynapse.config import HOST_POSITION
from devices.dynapse.config_fields import BASE
from snn.dpi.circuit import CURRENTS, Circuit
from snn.dpi.inhibition import INHIBITION


def net_from_config(config: Mapping[str, Any], spec: DynapseSpec) -> CodedNet:
    """Return the network of a configuration without errors, ready to simulate.

    Args:
        config: the configuration.
        spec: the chip.
    """
    header, cores = config["header"], config["cores"]
    source_of = sources_by_tag(config, spec)
    counts = [row["count"] for row in header["populations"]]
    widths = [len(config["inputs"]), *counts[:-1]]
    starts = np.concatenate([[0, widths[0]], widths[0] + np.cumsum(counts)]).tolist()
    inhibitory = INHIBITION if cores and INHIBITION[0] in cores[0]["parameters"] else ()
    names = (*CURRENTS, *inhibitory)
    core_of = [np.zeros(count, np.int64) for count in counts]
    tables = [
        [np.zeros((before, count), np.int16), np.zeros((count, count), np.int16)]
        for before, count in zip(widths, counts, strict=True)
    ]
    for number, core in enumerate(cores):
        for neuron in core["neurons"]:
            population, index = neuron["population"], neuron["index"]
            core_of[population][index] = number
            for tag, code, sign in zip(
                neuron["tags"], neuron["codes"], neuron["signs"], strict=True
            ):
                source = source_of[number, tag]
                back = source >= starts[population + 1]
                row = source - starts[population + back]
                tables[population][back][row, index] = sign * code
    return CodedNet(
        chip=header["chip"],
        dt=float(header["dt"]),
        i_scale=float(header["i_scale"]),
        circuit=Circuit(**header["circuit"]),
        currents=np.array([[c["parameters"][name] for c in cores] for name in names], float),
        base=np.array([[c["parameters"][name] for name in BASE] for c in cores], float),
        populations=tuple(
            _population(row, core, forward, back)
            for row, core, (forward, back) in zip(
                header["populations"], core_of, tables, strict=True
            )
        ),
    )


def _population(
    row: Mapping[str, Any], core: np.ndarray, forward: np.ndarray, back: np.ndarray
) -> CodedPopulation:
    recurrent = row["recurrent"]
    return CodedPopulation(
        name=row["layer"],
        spiking_name=row["neurons"],
        core=core,
        codes=np.abs(forward).astype(np.uint8),
        signs=np.sign(forward).astype(np.int8),
        recurrent_codes=np.abs(back).astype(np.uint8) if recurrent else None,
        recurrent_signs=np.sign(back).astype(np.int8) if recurrent else None,
    )


def sources_by_tag(config: Mapping[str, Any], spec: DynapseSpec) -> dict[tuple[int, int], int]:
    """Return which source comes with a tag on a core; of several the last one."""
    return {(core, tag): source for source, core, tag, _ in arrivals(config, spec)}


def arrivals(config: Mapping[str, Any], spec: DynapseSpec) -> Iterator[tuple[int, int, int, str]]:
    """Yield each source with a core that it reaches, its tag there and the path of its field.

    Sources are the channels of the input, then the neurons by population and number. Destinations
    off the stack are left out.
    """
    place_of = {position: chip for chip, position in enumerate(spec.chip_positions)}
    for source, position, destinations, path in _senders(config, spec):
        for at, one in enumerate(destinations):
            target = (position[0] + one["x_hop"], position[1] + one["y_hop"])
            if target in place_of:
                for core, heard in enumerate(one["cores"]):
                    if heard:
                        number = place_of[target] * spec.cores_per_chip + core
                        yield source, number, one["tag"], f"{path}.destinations[{at}]"


def _senders(
    config: Mapping[str, Any], spec: DynapseSpec
) -> Iterator[tuple[int, tuple[int, int], list[Mapping[str, Any]], str]]:
    for channel, row in enumerate(config["inputs"]):
        yield channel, HOST_POSITION, row["destinations"], f"inputs[{channel}]"
    counts = [row["count"] for row in config["header"]["populations"]]
    starts = len(config["inputs"]) + np.cumsum([0, *counts])
    for number, core in enumerate(config["cores"]):
        for at, neuron in enumerate(core["neurons"]):
            source = int(starts[neuron["population"]]) + neuron["index"]
            position = spec.chip_positions[core["chip"]]
            yield source, position, neuron["destinations"], f"cores[{number}].neurons[{at}]"
