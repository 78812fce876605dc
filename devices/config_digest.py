"""The digest of a configuration: what a chip runs, whoever wrote the file."""

import hashlib
from collections.abc import Mapping
from typing import Any

from devices.config_text import config_text


def config_digest(config: Mapping[str, Any]) -> str:
    """Return the sha256 of all that reaches the chip, in hex; the header is left out.

    Examples:
        >>> config_digest({"header": {"chip": "a"}, "readout": {}})[:12]
        'b8508fe95ca1'
    """
    reaches = {name: config[name] for name in sorted(config) if name != "header"}
    return hashlib.sha256(config_text(reaches).encode()).hexdigest()
