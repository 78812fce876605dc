"""Filling the vendor's object: what it does not take, or changes, is told."""

from types import SimpleNamespace

from devices.vendor_config import fill_vendor_config
from tests.devices.speck.vendor_stand_in import Strict


def test_types_that_are_refused_are_errors() -> None:
    (found,) = [
        f
        for f in fill_vendor_config(
            Strict({"readout": {"enable": 0}}), {"readout": {"enable": True}}
        )
        if f.check == "vendor-field"
    ]
    assert found.where == "readout.enable"
    assert "refuses it" in found.message


def test_missing_fields_are_errors_where_they_would_do_something() -> None:
    ours = {"a": {"on": True, "off": False, "zeros": [[0, 0]], "group": {"x": 1}}}
    found = {f.where: f.is_error for f in fill_vendor_config(Strict({"a": {}}), ours)}
    assert found == {"a.on": True, "a.off": False, "a.zeros": False, "a.group": True}
    short = fill_vendor_config(Strict({"a": [{"x": 0}]}), {"a": [{"x": 1}, {"x": 2}]})
    assert [f.where for f in short] == ["a"]


class Forgetful:
    """Hands out a copy each time, as some bindings do with structures by value."""

    @property
    def cut(self) -> SimpleNamespace:
        return SimpleNamespace(x=0)


def test_what_is_not_kept_is_an_error() -> None:
    (found,) = fill_vendor_config(Forgetful(), {"cut": {"x": 3}, "header": {}})
    assert (found.where, found.check, found.is_error) == ("cut.x", "vendor-read-back", True)
