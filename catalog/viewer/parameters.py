"""Read the parameters of a question, each checked for what it may be; none is passed over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from eventstore.errors import InvalidInput, NotFound

MAX_FIELDS = 32
"""Parameters that a question may have."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one question.

    Args:
        values: the texts by name.

    Examples:
        >>> asked = Parameters.parse(b"recording=a%2Fb&n=3", known={"recording", "n"})
        >>> asked.text("recording"), asked.number("n", 1, low=1, high=64)
        ('a/b', 3)
    """

    values: Mapping[str, str]

    @classmethod
    def parse(cls, query: bytes, known: Collection[str]) -> "Parameters":
        """Read a query.

        Args:
            query: its bytes, as they stand in the address.
            known: names that it may have.

        Raises:
            InvalidInput: it is not UTF-8, or a parameter stands twice.
            NotFound: a parameter is unknown; names the nearest.
        """
        try:
            pairs = parse_qsl(
                query.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(query),
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        except ValueError:
            message = "the query cannot be read"
            raise InvalidInput(message, hint="write NAME=VALUE&…, percent-encoded UTF-8") from None
        values: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                missing = NotFound.among("parameter", name[:40], known)
                raise missing
            if name in values:
                message = f"{name} is given twice"
                raise InvalidInput(message, hint="give it once")
            if "\0" in value:
                message = f"{name} holds a zero byte"
                raise InvalidInput(message, hint="write text")
            values[name] = value
        return cls(values)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text.

        Raises:
            InvalidInput: it is not given, and there is no default.
        """
        found = self.values.get(name, default)
        if found is None:
            message = f"{name} is missing"
            raise InvalidInput(message, hint=f"add {name}=… to the address")
        return found

    def number(self, name: str, default: int | None = None, *, low: int, high: int) -> int:
        """Return a whole number within ``low … high``.

        Raises:
            InvalidInput: it is none, or not within.
        """
        if name not in self.values and default is not None:
            return default
        text = self.text(name)
        plain = text.removeprefix("-")
        if not (plain.isascii() and plain.isdecimal() and len(plain) <= 18):
            message = f"{name} is {text[:20]!r}, no whole number"
            raise InvalidInput(message, hint=f"give one from {low} to {high}")
        if not low <= int(text) <= high:
            message = f"{name} is {int(text)}"
            raise InvalidInput(message, hint=f"give a number from {low} to {high}")
        return int(text)
