"""The door to the vendor's library: fill its configuration object and write it to the board.

``samna`` is imported by `devices.deploy.load_samna` alone, which refuses the stub of the
public index; here it is an argument, so that a recording stand-in can take its place. Written after
the vendor's open-source tools; never run on hardware, nor against the library itself.
"""

from collections.abc import Mapping
from typing import Any, Self

from devices.deploy import Samna, open_board
from devices.dynapse.bias_generator import VENDOR_PARAMETERS, BiasTable
from devices.dynapse.chip import DynapseSpec
from devices.dynapse.config_checks import check_config
from devices.rule import told
from eventstore.closing import Closing
from eventstore.errors import DoesNotFit, MissingExtra

BOARD = "DYNAP-SE2 Stack"
"""Name under which the board shows up, by the vendor's tools."""


def vendor_config(
    config: Mapping[str, Any], spec: DynapseSpec, samna: Samna, table: BiasTable
) -> object:
    """Return the vendor's configuration object, filled.

    Args:
        config: a configuration of this chip.
        spec: the chip.
        samna: the vendor's library.
        table: which coarse and fine number make which current.

    Raises:
        DoesNotFit: something is wrong with the configuration.
        MissingExtra: this version of the library has no part for the chip.
    """
    errors = [finding for finding in check_config(config, spec) if finding.is_error]
    if errors:
        message = f"the configuration is none of {spec.name}: {told(errors)}"
        raise DoesNotFit(message, hint=errors[0].fix)
    part = getattr(samna, "dynapse2", None)
    if part is None:
        message = "this version of samna has no part 'dynapse2'"
        raise MissingExtra(message, hint="install a version for DYNAP-SE2 from the vendor's index")
    vendor = part.Dynapse2Configuration()
    for core in config["cores"]:
        held = vendor.chips[core["chip"]].cores[core["core"]]
        for name, current in core["parameters"].items():
            for parameter in VENDOR_PARAMETERS[name]:
                coarse, fine = table.numbers_for(current, parameter)
                held.parameters[parameter].coarse_value = coarse
                held.parameters[parameter].fine_value = fine
        for slot, neuron in enumerate(core["neurons"]):
            _fill_neuron(held.neurons[slot], neuron, spec, part)
    return vendor


def _fill_neuron(held: Samna, neuron: Mapping[str, Any], spec: DynapseSpec, part: Samna) -> None:
    held.latch_so_dc = True
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
        vendor = vendor_config(config, self.spec, self._samna, table)
        self._handle.get_model().apply_configuration(vendor)

    def close(self) -> None:
        """Let go of the board; it goes on with what it runs."""
        self._samna.device.close_device(self._handle)
