"""References: ``name@version/split:x#digest``, or ``…/task:x``: the line that cites a result."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from eventstore.errors import InvalidInput

DRAFT = "draft"
"""Stands for the work tree, which has no version yet."""

SHORT_DIGEST = 16
"""Hex digits of a digest in a reference: 64 bits, beyond chance collision."""

_PATTERN = re.compile(
    r"(?P<name>[^@#\n]+?)"
    r"(?:@(?P<version>[^/@#\s]+))?"
    r"(?:/split:(?P<split>[^/@#\s]+)|/task:(?P<task>[^/@#\s]+))?"
    r"(?:#(?P<digest>[0-9a-f]{8,64}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a reference names.

    Args:
        name: name of a dataset, or the path of its folder.
        version: version such as ``1.0.0``; the latest where None.
        split: name of a split; the whole version where None.
        digest: first digits of the digest that the split or task (else the version) must have.
        task: name of a task; there is no split beside it.

    Examples:
        >>> str(Reference(name="nmnist", version="1.0.0", split="official"))
        'nmnist@1.0.0/split:official'
    """

    name: str
    version: str | None = None
    split: str | None = None
    digest: str | None = None
    task: str | None = None

    @property
    def dataset(self) -> str:
        """The dataset's own name: the last part where ``name`` is a path."""
        return Path(self.name).name

    def at_version(self, version: str) -> "Reference":
        """Return the same reference with another version."""
        return replace(self, version=version)

    def __str__(self) -> str:
        """Return the reference as one writes it."""
        parts = (
            ("@", self.version),
            ("/split:", self.split),
            ("/task:", self.task),
            ("#", self.digest),
        )
        return self.name + "".join(mark + part for mark, part in parts if part is not None)


def parse_reference(text: str) -> Reference:
    """Read a reference.

    Raises:
        InvalidInput: the text is not of the form ``name[@version][/split:x|/task:x][#digest]``.

    Examples:
        >>> r = parse_reference("data/nmnist@1.0.0/split:official#3f2a9c01")
        >>> r.name, r.version, r.split, r.digest
        ('data/nmnist', '1.0.0', 'official', '3f2a9c01')
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        hint = "write name[@version][/split:x or /task:x][#digest], a digest as 8 … 64 hex digits"
        message = f"{text!r} is not a reference"
        raise InvalidInput(message, hint=hint)
    return Reference(**match.groupdict())
