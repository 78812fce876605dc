"""The configuration of DYNAP-SE2 as plain JSON: currents of each core, synapses of each neuron."""

import hashlib
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, TypeAlias

import numpy as np

from devices.dynapse.chip import DynapseSpec
from devices.dynapse.coded import CodedNet, CodedPopulation
from devices.dynapse.config_fields import BASE, FORMAT_VERSION
from devices.dynapse.routing import Routing, route
from devices.dynapse.rules import check_coded
from devices.rule import told
from eventstore.errors import DoesNotFit, InvalidInput
from snn.dpi.inhibition import names_of_rows

Config: TypeAlias = dict[str, Any]

HOST_POSITION = (0, 0)
"""Where spikes of the input come from, on the grid of chips."""


def make_config(net: CodedNet, spec: DynapseSpec) -> Config:
    """Return the configuration of the chip.

    Args:
        net: the network in currents and codes.
        spec: the chip.

    Raises:
        InvalidInput: the network was quantised for another chip.
        DoesNotFit: synapses, tags, places or destinations do not do.
    """
    if net.chip != spec.name:
        message = f"the network was quantised for {net.chip}, not for {spec.name}"
        raise InvalidInput(message, hint="quantise its graph again")
    errors = [finding for finding in check_coded(net, spec) if finding.is_error]
    if errors:
        message = f"the network does not fit {spec.name}: {told(errors)}"
        raise DoesNotFit(message, hint=errors[0].fix)
    routing = route(net, spec)
    neurons, names = _neurons(net, routing, spec), names_of_rows(len(net.currents))
    cores = [
        {
            "chip": spec.chip_of(core),
            "core": core % spec.cores_per_chip,
            "parameters": {
                **dict(zip(names, net.currents[:, core].tolist(), strict=True)),
                **dict(zip(BASE, net.base[core].tolist(), strict=True)),
            },
            "neurons": neurons[core],
        }
        for core in range(net.n_cores)
    ]
    inputs = [
        {"destinations": _destinations(routing, source, HOST_POSITION, spec)}
        for source in range(net.n_inputs)
    ]
    return {"header": _header(net), "inputs": inputs, "cores": cores}


def _header(net: CodedNet) -> Config:
    return {
        "format_version": FORMAT_VERSION,
        "chip": net.chip,
        "spikelake": version("spikelake"),
        "model_digest": network_digest(net),
        "dt": net.dt,
        "i_scale": net.i_scale,
        "circuit": asdict(net.circuit),
        "populations": [
            {
                "layer": one.name,
                "neurons": one.spiking_name,
                "count": len(one.core),
                "recurrent": one.recurrent_codes is not None,
            }
            for one in net.populations
        ],
    }


def network_digest(net: CodedNet) -> str:
    """Return the sha256 of all currents and codes of a network, in hex."""
    digest = hashlib.sha256(repr((net.dt, net.i_scale, net.circuit)).encode())
    digest.update(net.currents.tobytes() + net.base.tobytes())
    for one in net.populations:
        digest.update(repr(one.codes.shape).encode() + one.core.astype("<i8").tobytes())
        for codes, signs in one.matrices():
            digest.update(np.ascontiguousarray(codes).tobytes())
            digest.update(np.ascontiguousarray(signs).tobytes())
    return digest.hexdigest()


def _neurons(net: CodedNet, routing: Routing, spec: DynapseSpec) -> list[list[Config]]:
    """Return the neurons of each core, in the order of their places."""
    found: list[list[Config]] = [[] for _ in range(net.n_cores)]
    sources, own = 0, net.n_inputs
    last = len(net.populations) - 1
    for number, one in enumerate(net.populations):
        for index, core in enumerate(one.core):
            position = spec.chip_positions[spec.chip_of(int(core))]
            destinations = _destinations(routing, own + index, position, spec)
            if number == last:
                destinations.append(_to_host(index, spec))
            found[core].append(
                {
                    "population": number,
                    "index": index,
                    **_synapses(one, index, (sources, own), routing),
                    "destinations": destinations,
                }
            )
        sources, own = own, own + len(one.core)
    return found


def _synapses(
    one: CodedPopulation, index: int, starts: tuple[int, int], routing: Routing
) -> Config:
    tags, chosen, kinds = [], [], []
    for (codes, signs), start in zip(one.matrices(), starts, strict=False):
        there = np.flatnonzero(codes[:, index])
        tags += routing.tag[start + there].tolist()
        chosen += codes[there, index].tolist()
        kinds += signs[there, index].tolist()
    return {"tags": tags, "codes": chosen, "signs": kinds}


def _destinations(
    routing: Routing, source: int, position: tuple[int, int], spec: DynapseSpec
) -> list[Config]:
    """Return one destination for each chip that a source reaches."""
    reached = routing.reaches[source].reshape(spec.n_chips, spec.cores_per_chip)
    return [
        {
            "cores": reached[chip].tolist(),
            "x_hop": spec.chip_positions[chip][0] - position[0],
            "y_hop": spec.chip_positions[chip][1] - position[1],
            "tag": int(routing.tag[source]),
        }
        for chip in np.flatnonzero(reached.any(1))
    ]


def _to_host(index: int, spec: DynapseSpec) -> Config:
    """Return the destination that takes an output's spikes off the stack; its tag is its number."""
    cores = [True] * spec.cores_per_chip
    return {"cores": cores, "x_hop": spec.host_hop, "y_hop": spec.host_hop, "tag": index}
