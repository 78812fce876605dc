"""The door to the vendor's library: fill its configuration object and write it to the board.

``samna`` is imported by `devices.deploy.load_samna` alone, which refuses the stub of the
public index; here it is an argument, so that a recording stand-in can take its place. Written after
the vendor's open-source tools; never run on hardware, nor against the library itself.
"""

from collections.abc import Mapping
from typing import Any, Self

from devices.deploy import Samna, open_board
from devices.dynapse.bias_generator import BiasTable
from devices.dynapse.chip import DynapseSpec
from devices.dynapse.config_checks import check_config
from devices.dynapse.vendor_currents import check_currents, switched, vendor_currents
from devices.vendor_config import lacks_part, refuse_errors
from eventstore.closing import Closing
from eventstore.findings import Finding, has_errors

MODULE = "dynapse2"
"""The vendor's name of the part of its library."""

BOARD = "DYNAP-SE2 Stack"
"""Name under which the board shows up, by the vendor's tools."""


def vendor_config(
    config: Mapping[str, Any], spec: DynapseSpec, samna: Samna, table: BiasTable
) -> tuple[object, list[Finding]]:
    """Build the vendor's configuration object.

    Args:
        config: a configuration of this chip, as `load_config` returns it.
        spec: the chip.
        samna: the vendor's library.
        table: which coarse and fine number make which current.

    Returns:
        The object, and what is wrong with it: by our checks and by the table. The vendor publishes
        no validator for this chip.
    """
    findings = check_config(config, spec)
    if has_errors(findings):
        return None, findings
    part = getattr(samna, MODULE, None)
    if part is None:
        return None, [*findings, lacks_part(MODULE, spec.name)]
    vendor = part.Dynapse2Configuration()
    io = config["header"]["circuit"]["io"]
    for core in config["cores"]:
        held = vendor.chips[core["chip"]].cores[core["core"]]
        for parameter, (_, current) in vendor_currents(core["parameters"]).items():
            coarse, fine = table.numbers_for(current, parameter)
            held.parameters[parameter].coarse_value = coarse
            held.parameters[parameter].fine_value = fine
        on = switched(core["parameters"], io)
        for slot, neuron in enumerate(core["neurons"]):
            held.neurons[slot].latch_so_dc = on.dc
            held.neurons[slot].latch_so_adaptation = on.adaptation
            _fill_neuron(held.neurons[slot], neuron, spec, part)
    return vendor, [*findings, *check_currents(config, table)]


def _fill_neuron(held: Samna, neuron: Mapping[str, Any], spec: DynapseSpec, part: Samna) -> None:
    synapses = []
    rows = zip(neuron["tags"], neuron["codes"], neuron["signs"], strict=True)
    for tag, code, sign in rows:
        synapse = part.Dynapse2Synapse()
        synapse.tag = tag
        synapse.weight = [bool(code >> bit & 1) for bit in range(spec.weight_bits)]
        synapse.dendrite = part.Dendrite.ampa if sign > 0 else part.Dendrite.gaba
        synapses.append(synapse)
    empty = spec.synapses_per_neuron - len(synapses)
    held.synapses = synapses + [part.Dynapse2Synapse() for _ in range(empty)]
    held.destinations = vendor_destinations(neuron["destinations"], spec, part)


def vendor_destinations(
    destinations: list[Mapping[str, Any]], spec: DynapseSpec, part: Samna
) -> list[object]:
    """Return destinations as the vendor's objects, with empty ones to the end."""
    found = []
    for one in destinations:
        destination = part.Dynapse2Destination()
        destination.core = one["cores"]
        destination.x_hop, destination.y_hop = one["x_hop"], one["y_hop"]
        destination.tag = one["tag"]
        found.append(destination)
    empty = spec.destinations_per_neuron - len(found)
    return found + [part.Dynapse2Destination() for _ in range(empty)]


class Board(Closing):
    """An open board; use it in a ``with`` block.

    Args:
        samna: the vendor's library.
        spec: the chip.
        handle: the board, as the library opened it.
    """

    def __init__(self, samna: Samna, spec: DynapseSpec, handle: Samna) -> None:
        self._samna = samna
        self.spec = spec
        self._handle = handle

    @classmethod
    def open(cls, spec: DynapseSpec, samna: Samna) -> Self:
        """Open the board that is plugged in.

        Raises:
            NotFound: there is none; names those that are.
        """
        return cls(samna, spec, open_board(samna, BOARD, spec.name))

    def upload(self, config: Mapping[str, Any], table: BiasTable) -> None:
        """Write a configuration.

        Args:
            config: the configuration.
            table: which coarse and fine number make which current.

        Raises:
            DoesNotFit: something is wrong with it; nothing was written.
        """
        vendor, findings = vendor_config(config, self.spec, self._samna, table)
        refuse_errors(findings, self.spec.name)
        self._handle.get_model().apply_configuration(vendor)

    def close(self) -> None:
        """Let go of the board; it goes on with what it runs."""
        self._samna.device.close_device(self._handle)
