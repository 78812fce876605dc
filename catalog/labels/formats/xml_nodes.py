"""XML as a tree whose nodes know their line; a document type, so any entity, is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from eventstore.errors import FormatError


@dataclass(slots=True, kw_only=True)
class Node:
    """One element.

    Args:
        tag: its name.
        line: where it begins.
        attributes: its attributes.
        children: the elements within.
        text: the text directly within.
    """

    tag: str
    line: int
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> list["Node"]:
        """Return the children of a name."""
        return [child for child in self.children if child.tag == tag]

    def walk(self, tag: str) -> Iterator["Node"]:
        """Yield all elements of a name below."""
        waiting = [*reversed(self.children)]
        while waiting:
            node = waiting.pop()
            if node.tag == tag:
                yield node
            waiting.extend(reversed(node.children))


def parse_xml(data: bytes, path: str) -> Node:
    """Read XML.

    Raises:
        FormatError: it is not well formed, or has a document type; says the line.

    Examples:
        >>> root = parse_xml(b"<a><b c='1'>x</b></a>", "a.xml")
        >>> root.all("b")[0].attributes, root.all("b")[0].text
        ({'c': '1'}, 'x')
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    roots: list[Node] = []
    stack: list[Node] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag=tag, line=parser.CurrentLineNumber, attributes=attributes)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def end(_tag: str) -> None:
        stack.pop()

    def text(content: str) -> None:
        stack[-1].text += content

    def refuse(*_declaration: object) -> None:
        # Entities of a document type can grow without bound, or name other files.
        message = f"line {parser.CurrentLineNumber} declares a document type"
        hint = "labels need none: take the <!DOCTYPE …> out if you trust the file"
        raise FormatError(message, path=path, expected="plain elements", hint=hint)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = f"line {error.lineno} is not well-formed XML: {expat.ErrorString(error.code)}"
        raise FormatError(message, path=path) from error
    return roots[0]
