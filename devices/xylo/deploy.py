"""From a configuration to a Xylo board: build the vendor's object, validate, upload.

Every function takes the vendor's library as an argument, so that a recording stand-in can take its
place. Written after the vendor's public documents and open-source tools; never run on hardware, nor
against the library itself.
"""

from collections.abc import Mapping
from typing import Any, Self

from devices.deploy import Samna, open_board
from devices.vendor_config import (
    ask_validator,
    fill_vendor_config,
    lacks_part,
    refuse_errors,
)
from devices.xylo.boards import xylo_names
from devices.xylo.chip import XyloSpec
from devices.xylo.config_checks import check_config
from eventstore.closing import Closing
from eventstore.findings import Finding, has_errors


def vendor_config(
    config: Mapping[str, Any], spec: XyloSpec, samna: Samna
) -> tuple[object, list[Finding]]:
    """Build the vendor's configuration object and let the vendor's own validator judge it.

    Args:
        config: a configuration of this chip, as `load_config` returns it.
        spec: the chip.
        samna: the vendor's library.

    Returns:
        The object, and what is wrong with it: by our checks, by the object, by the validator.
    """
    findings = check_config(config, spec)
    if has_errors(findings):
        return None, findings
    names = xylo_names(spec.name)
    module = getattr(samna, names.module, None)
    if module is None:
        return None, [*findings, lacks_part(names.module, spec.name)]
    parts = module.configuration
    vendor = parts.XyloConfiguration()
    findings += fill_vendor_config(vendor, _without_neurons(config, spec))
    for group, kind in ((spec.hidden_group, names.hidden_neuron), ("readout", "OutputNeuron")):
        made = []
        for at, row in enumerate(config[group]["neurons"]):
            neuron = getattr(parts, kind)()
            told_of = fill_vendor_config(neuron, _there(row))
            findings += [_at(finding, f"{group}.neurons[{at}]") for finding in told_of]
            made.append(neuron)
        getattr(vendor, group).neurons = made
    return vendor, [*findings, *ask_validator(module, vendor)]


class Board(Closing):
    """An open board with a Xylo chip; use it in a ``with`` block.

    Args:
        spec: the chip.
        samna: the vendor's library.
        handle: the board, as the library opened it.
    """

    def __init__(self, spec: XyloSpec, samna: Samna, handle: Samna) -> None:
        self.spec = spec
        self._samna = samna
        self._handle = handle

    @classmethod
    def open(cls, spec: XyloSpec, samna: Samna) -> Self:
        """Open the board of a chip that is plugged in.

        Raises:
            NotFound: there is none; names those that are.
        """
        return cls(spec, samna, open_board(samna, xylo_names(spec.name).board, spec.name))

    def upload(self, config: Mapping[str, Any]) -> None:
        """Validate a configuration and write it.

        Args:
            config: the configuration.

        Raises:
            DoesNotFit: something is wrong with it; nothing was written.
        """
        vendor, findings = vendor_config(config, self.spec, self._samna)
        refuse_errors(findings, self.spec.name)
        model = getattr(self._handle, xylo_names(self.spec.name).model)()
        model.apply_configuration(vendor)

    def close(self) -> None:
        """Let go of the board; it goes on with what it runs."""
        self._samna.device.close_device(self._handle)


def _without_neurons(config: Mapping[str, Any], spec: XyloSpec) -> dict[str, Any]:
    """Return the configuration without its lists of neurons, which are made one by one."""
    rest = dict(config)
    for group in (spec.hidden_group, "readout"):
        rest[group] = {name: part for name, part in config[group].items() if name != "neurons"}
    return rest


def _there(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a neuron that are set: one without an alias has none there."""
    return {name: value for name, value in row.items() if value is not None}


def _at(finding: Finding, path: str) -> Finding:
    return Finding(
        severity=finding.severity,
        where=f"{path}.{finding.where}",
        message=finding.message,
        check=finding.check,
        fix=finding.fix,
    )
