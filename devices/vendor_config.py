"""Our configuration into the vendor's object: attribute by attribute, then read back.

The vendor's object has the fields of ours, nested alike; ``header`` is ours alone. What it does
not take, or takes and then says otherwise, is a finding. Here are also the ends that the ways to
all boards share. None of this imports the vendor's library.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from devices.deploy import INSTALL, Samna
from devices.rule import told
from eventstore.errors import DoesNotFit
from eventstore.findings import Finding, Severity, error_at, finding_at

OURS = ("header",)
"""Parts of a configuration that the vendor's object has not."""

VERSION = "check that the library's version is one for this chip"


def lacks_part(module: str, chip: str) -> Finding:
    """Return the finding that the vendor's library has no part for a chip."""
    message = f"this version of samna has no part {module!r} for {chip}"
    return error_at("samna", message, "vendor-version", INSTALL)


def ask_validator(module: Samna, vendor: object) -> list[Finding]:
    """Return what the vendor's own validator says against its configuration object.

    Args:
        module: the part of the vendor's library for the chip.
        vendor: the object.
    """
    valid, said = module.validate_configuration(vendor)
    if valid:
        return []
    fix = "the vendor's validator knows more than is published: tell us, with the file"
    return [error_at("samna", f"refused: {said}", "vendor-validator", fix)]


def refuse_errors(findings: Iterable[Finding], chip: str) -> None:
    """Refuse to upload a configuration that something is wrong with.

    Raises:
        DoesNotFit: a finding is an error; nothing was written.
    """
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        message = f"the configuration was not uploaded to {chip}: {told(errors)}"
        raise DoesNotFit(message, hint=errors[0].fix)


def fill_vendor_config(vendor: object, config: Mapping[str, Any]) -> list[Finding]:
    """Write a configuration into the vendor's object; return what could not be written.

    A field that this version of the vendor's object lacks is no error where ours has it switched
    off: then the chip does the same without it.

    Args:
        vendor: the vendor's configuration object, with its defaults.
        config: ours, checked.

    Examples:
        >>> from types import SimpleNamespace
        >>> vendor = SimpleNamespace(readout=SimpleNamespace(enable=False))
        >>> fill_vendor_config(vendor, {"readout": {"enable": True}})
        []
        >>> vendor.readout.enable
        True
    """
    ours = {name: value for name, value in config.items() if name not in OURS}
    return [*_fill(vendor, ours, ""), *_read_back(vendor, ours, "")]


def _fill(vendor: object, fields: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for name, value in fields.items():
        where = f"{path}.{name}" if path else name
        try:
            held = getattr(vendor, name)
        except AttributeError:
            yield _lacking(where, value)
            continue
        if isinstance(value, Mapping):
            yield from _fill(held, value, where)
        elif _of_groups(value):
            if len(held) < len(value):
                message = f"the vendor's object has {len(held)} entries, expected {len(value)}"
                yield error_at(where, message, "vendor-field", VERSION)
            for at, (inner, entry) in enumerate(zip(held, value, strict=False)):
                yield from _fill(inner, entry, f"{where}[{at}]")
        else:
            yield from _set(vendor, name, value, where)


def _set(vendor: object, name: str, value: object, where: str) -> Iterator[Finding]:
    try:
        setattr(vendor, name, value)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        message = f"the vendor's object refuses it: {error}"
        yield error_at(where, message, "vendor-field", VERSION)


def _lacking(where: str, value: object) -> Finding:
    off = not np.any(np.asarray(value)) if not isinstance(value, Mapping) else False
    message = "this version of the vendor's object has no such field"
    if off:
        return finding_at(Severity.INFO, where, message, "vendor-field")
    return error_at(where, message, "vendor-field", VERSION)


def _of_groups(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _read_back(vendor: object, fields: Mapping[str, Any], path: str) -> Iterator[Finding]:
    """Yield an error for each field that the vendor's object says otherwise than it was told."""
    for name, value in fields.items():
        where = f"{path}.{name}" if path else name
        held = getattr(vendor, name, None)
        if held is None:
            continue  # told already
        if isinstance(value, Mapping):
            yield from _read_back(held, value, where)
        elif _of_groups(value):
            for at, (inner, entry) in enumerate(zip(held, value, strict=False)):
                yield from _read_back(inner, entry, f"{where}[{at}]")
        elif not np.array_equal(np.asarray(held), np.asarray(value)):
            message = "the vendor's object reads back something else than was written"
            yield error_at(where, message, "vendor-read-back", VERSION)
