from collections.abc import Iterator

from devices.config_schema import Field, Group, Member, Rows
from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.config_fields import BASE, CIRCUIT, config_fields
from snn.dpi.circuit import CURRENTS, Circuit
from snn.dpi.inhibition import INHIBITION


def fields(member: Member) -> Iterator[Field]:
    if isinstance(member, Field):
        yield member
    elif isinstance(member, Rows):
        yield from fields(member.item)
    else:
        for one in member.members.values():
            yield from fields(one)


def test_every_field_says_what_it_means_and_who_says_so() -> None:
    found = list(fields(config_fields(DYNAPSE2)))
    assert len(found) > len(CURRENTS) + len(BASE)
    assert all(one.meaning and one.source in {"[1]", "[2]", "[3]"} for one in found)


def test_all_currents_and_all_that_the_process_fixes_are_fields() -> None:
    top = config_fields(DYNAPSE2)
    cores, header = top.members["cores"], top.members["header"]
    assert isinstance(cores, Rows)
    assert isinstance(cores.item, Group)
    assert isinstance(header, Group)
    parameters = cores.item.members["parameters"]
    assert isinstance(parameters, Group)
    assert set(parameters.members) == {*CURRENTS, *INHIBITION, *BASE}
    assert set(CIRCUIT) == set(Circuit.__slots__)
