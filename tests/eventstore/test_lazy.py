import pytest

from eventstore.lazy import lazy_exports


def test_names_are_resolved_where_the_table_says() -> None:
    load, names = lazy_exports("demo", {"OrderedDict": "collections", "dump": "json:dumps"})
    assert names() == ["OrderedDict", "dump"]
    assert load("dump")([1]) == "[1]"  # type: ignore[operator]


def test_an_unknown_name_is_an_attribute_error_with_the_known_ones() -> None:
    load, _ = lazy_exports("demo", {"Events": "eventstore.events"})
    with pytest.raises(AttributeError, match=r"no attribute of demo 'Event' \(known: Events\)"):
        load("Event")
