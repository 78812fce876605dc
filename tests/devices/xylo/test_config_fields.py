"""Fields of configurations: each has a meaning and a source."""

from collections.abc import Iterator

import pytest

from devices.config_schema import Field, Group, Member
from devices.xylo.chip import SPECS, XyloSpec
from devices.xylo.config_fields import config_fields


def fields_of(member: Member) -> Iterator[Field]:
    if isinstance(member, Field):
        yield member
    elif isinstance(member, Group):
        for inner in member.members.values():
            yield from fields_of(inner)
    else:
        yield from fields_of(member.item)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_field_says_what_it_is_and_whence(spec: XyloSpec) -> None:
    group = config_fields(spec)
    assert spec.hidden_group in group.members
    for field in fields_of(group):
        assert field.meaning
        assert field.source in {"[1]", "[2]", "[3]"}
        assert field.kind != "integers" or field.axes
