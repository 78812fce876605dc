"""Configurations as files: written whole or not at all, checked in full when they are read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.chips import CHIPS
from devices.config_text import config_text
from eventstore.durable import DurableFolder
from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.findings import Finding

TOLD = 5
"""So many findings are told in the message of an error; the others are counted."""


def write_config(config: Mapping[str, Any], path: Path | str) -> None:
    """Write a configuration; whoever reads the file meanwhile sees the old one or the new.

    Args:
        config: what a chip's ``config`` returned.
        path: the file; what is there is replaced.

    Raises:
        NotFound: the folder is not there.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "chip.json"
        >>> write_config({"readout": {"enable": False}}, path)
        >>> print(path.read_text(), end="")
        {"readout": {"enable": false}}
    """
    path = Path(path)
    if not path.parent.is_dir():
        message = f"no folder {path.parent} to write {path.name} into"
        raise NotFound(message, hint="make it first, or choose another")
    if path.is_dir():
        message = f"{path} is a folder"
        raise InvalidInput(message, hint=f"name a file in it: {path / 'config.json'}")
    folder = DurableFolder(path.parent)
    folder.stage(path.name, [config_text(config).encode()])
    folder.settle()


def load_config(path: Path | str, chip: str | None = None) -> dict[str, Any]:
    """Read a configuration and check every field of it.

    Args:
        path: the file.
        chip: name of the chip that it must be for; None: the one that its header names.

    Raises:
        NotFound: there is no such file or chip.
        FormatError: the file is no JSON, or breaks off, or a field is missing, unknown, out of
            range or does not fit others: each with its JSON path, what is expected and found.

    Examples:
        >>> import tempfile
        >>> from torch import nn
        >>> import devices, snn
        >>> net = snn.SpikingSequential(nn.Conv2d(2, 3, 3), snn.IAF())
        >>> speck = devices.chip("speck2f")
        >>> config = speck.config(speck.quantize(devices.graph_from_model(net, (2, 8, 8))))
        >>> file = Path(tempfile.mkdtemp()) / "config.json"
        >>> devices.write_config(config, file)
        >>> load_config(file) == config
        True
    """
    config = read_config(path)
    name = chip or chip_of(config, path)
    errors = [finding for finding in CHIPS[name].check_config(config) if finding.is_error]
    if errors:
        raise _refused(errors, path, name)
    return config


def read_config(path: Path | str) -> dict[str, Any]:
    """Read a configuration without a look at its fields, as to see what is wrong with them.

    Raises:
        NotFound: there is no such file.
        FormatError: the file is no JSON object, or breaks off.
    """
    path = Path(path)
    if not path.is_file():
        message = f"no configuration {path}"
        raise NotFound(message, hint="write one: spikelake chip config MODEL --out FILE")
    data = path.read_bytes()
    try:
        config = json.loads(data)
    except UnicodeDecodeError as error:
        message = "not UTF-8 text"
        raise FormatError(message, path=path, offset=error.start) from error
    except json.JSONDecodeError as error:
        ended = error.pos >= len(data.decode().rstrip())
        message = "the file breaks off" if ended else f"not JSON: {error.msg}"
        hint = "copy it again, or write it again: spikelake chip config MODEL --out FILE"
        raise FormatError(message, path=path, offset=error.pos, hint=hint) from error
    if not isinstance(config, dict):
        found = type(config).__name__
        message = "not a configuration"
        raise FormatError(message, path=path, expected="a JSON object", found=found)
    return config


def chip_of(config: Mapping[str, Any], path: Path | str) -> str:
    """Return the chip that a configuration was written for.

    Raises:
        FormatError: its header does not say.
        NotFound: it names no chip that is known.
    """
    header = config.get("header")
    name = header.get("chip") if isinstance(header, Mapping) else None
    if not isinstance(name, str):
        message = "header.chip: expected the name of a chip"
        hint = "files of other tools have no header: name the chip, --chip NAME"
        raise FormatError(message, path=path, found=json.dumps(name), hint=hint)
    return CHIPS[name].name


def _refused(errors: list[Finding], path: Path | str, chip: str) -> FormatError:
    listed = "; ".join(f"{e.where}: {e.message}" for e in errors[:TOLD])
    more = f"; and {len(errors) - TOLD} more" if len(errors) > TOLD else ""
    message = f"no configuration of {chip}: {listed}{more}"
    return FormatError(message, path=path, hint=errors[0].fix)
