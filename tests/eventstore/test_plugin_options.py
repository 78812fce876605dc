"""Plug-ins named as text; `readers/test_options.py` goes through every type of option."""

from dataclasses import dataclass

import pytest

from eventstore.errors import InvalidInput, NotFound
from eventstore.plugin_options import (
    named_plugin,
    option,
    option_values,
    options_of,
    with_options,
)
from eventstore.readers import READERS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tool:
    bits: int = option(32, "width of the stamps")
    name: str = "tool"


def test_plugins_are_named_with_or_without_options() -> None:
    assert named_plugin(READERS, "atis", what="reader") is READERS["atis"]
    with pytest.raises(NotFound, match="no option of the reader 'atis': 'bits'"):
        named_plugin(READERS, "atis:bits=3", what="reader")
    with pytest.raises(InvalidInput, match=r"'us' in 'text:us' is not OPTION=VALUE"):
        named_plugin(READERS, "text:us", what="reader")


def test_options_have_meanings_and_values() -> None:
    tool = with_options(_Tool(), {"bits": "16"}, what="tool")
    assert options_of(tool) == {"bits": "width of the stamps"}
    assert option_values(tool) == {"bits": 16}
    with pytest.raises(NotFound, match="option of the tool 'tool': 'bit'"):
        with_options(tool, {"bit": "16"}, what="tool")
