"""Fields of configurations: each has a meaning and a source."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.config_schema import Field, Group, Member
from devices.xylo.chip import SPECS, XYLO_AUDIO3, XyloSpec
from devices.xylo.config_fields import config_fields


def leaves(member: Member, path: str = "") -> Iterator[tuple[str, Field]]:
    if isinstance(member, Field):
        yield path, member
    elif isinstance(member, Group):
        for name, inner in member.members.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield from leaves(member.item, f"{path}[]")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_field_says_what_it_is_and_whence(spec: XyloSpec) -> None:
    group = config_fields(spec)
    assert spec.hidden_group in group.members
    for _, field in leaves(group):
        assert field.meaning
        assert field.source in {"[1]", "[2]", "[3]"}
        assert field.kind != "integers" or field.axes


def test_the_page_of_the_format_has_every_field_and_its_range() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/xylo-configuration.md").read_text()
    for path, field in leaves(config_fields(XYLO_AUDIO3)):
        null = ", null" if field.nullable else ""
        assert f"| `{path}` | {field.range}{null} | {field.meaning}" in page, path
