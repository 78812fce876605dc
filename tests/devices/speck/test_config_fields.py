"""The table of fields: complete, in range, and each with its source."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from devices.config_schema import Field, Group, Member, Rows
from devices.speck.chip import SPECK2F
from devices.speck.config_fields import config_fields


def leaves(member: Member, path: str = "") -> Iterator[tuple[str, Field]]:
    if isinstance(member, Group):
        for name, inner in member.members.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(member, Rows):
        yield from leaves(member.item, f"{path}[]")
    else:
        yield path, member


def test_every_field_has_a_meaning_and_a_source() -> None:
    fields = dict(leaves(config_fields(SPECK2F)))
    assert len(fields) > 50
    assert all(field.meaning and field.source.startswith("[") for field in fields.values())
    assert all(field.range for field in fields.values())


def test_ranges_follow_the_chip() -> None:
    narrow = replace(SPECK2F, weight_bits=4, pools=(1, 2), kill_bits=True)
    fields = dict(leaves(config_fields(narrow)))
    assert fields["cnn_layers[].weights"].range == "-8 … 7"
    assert fields["cnn_layers[].destinations[].pooling"].range == "1, 2"
    assert "cnn_layers[].weights_kill_bit" in fields
    assert "cnn_layers[].weights_kill_bit" not in dict(leaves(config_fields(SPECK2F)))


def test_the_page_of_the_format_has_every_field_and_its_range() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/chip-configuration.md").read_text()
    for path, field in leaves(config_fields(replace(SPECK2F, kill_bits=True))):
        assert f"| `{path}` | {field.range} | {field.meaning}" in page, path
