"""XML without document types, with the line of each element."""

import time

import pytest

from catalog.labels.formats.xml_nodes import parse_xml
from eventstore.errors import FormatError

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>
<annotations>&c;</annotations>
"""
OUTSIDE = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'


def test_elements_know_their_line_and_text() -> None:
    root = parse_xml(b"<a>\n <b x='1'>t<c/>u</b>\n <b/>\n</a>", "a.xml")
    assert [node.line for node in root.all("b")] == [2, 3]
    assert root.all("b")[0].text == "tu"
    assert [node.tag for node in root.walk("c")] == ["c"]
    assert root.all("c") == []


@pytest.mark.parametrize(("data", "line"), [(BOMB, 2), (OUTSIDE, 1)])
def test_a_document_type_is_refused_before_any_entity(data: bytes, line: int) -> None:
    with pytest.raises(FormatError, match=rf"a\.xml: line {line} declares a document type"):
        parse_xml(data, "a.xml")


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a></b>", b"<a/><b/>", b"<a>&x;</a>", b"\xff<a/>"])
def test_what_is_not_well_formed_is_refused_with_its_line(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"a\.xml: line 1 is not well-formed XML"):
        parse_xml(data, "a.xml")


def test_deep_nesting_is_only_long() -> None:
    depth = 50_000
    start = time.process_time()
    root = parse_xml(b"<a>" * depth + b"</a>" * depth, "a.xml")
    assert sum(1 for _ in root.walk("a")) == depth - 1
    assert time.process_time() - start < 5
