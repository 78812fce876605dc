"""Lazy tables of plug-ins: a name, where its object lives, and which extra brings its needs.

Adding a reader, transform or chip is one new file and one line in such a table; other packages add
theirs through an entry point of the table's group. Nothing is imported before it is asked for.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from eventstore.errors import AlreadyExists, MissingExtra, NotFound

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a plug-in lives.

    Args:
        target: ``"package.module:attribute"``.
        extra: name of the extra of this distribution that brings what the module imports.
    """

    target: str
    extra: str = ""


class Registry(Generic[T]):
    """A table ``name -> object``, resolved on first use.

    Args:
        what: what an entry is, for messages: ``"reader"``.
        group: entry-point group through which other distributions add entries.
        entries: the built-in table.

    Examples:
        >>> dumps = {"json": Entry("json:dumps")}
        >>> table: Registry[object] = Registry("codec", "spikelake.codecs", dumps)
        >>> table["json"]([1])
        '[1]'
    """

    def __init__(self, what: str, group: str, entries: Mapping[str, Entry]) -> None:
        self._what = what
        self._group = group
        self._builtin = dict(entries)
        self._table: dict[str, Entry] | None = None
        self._loaded: dict[str, T] = {}

    def _entries(self) -> dict[str, Entry]:
        if self._table is None:
            table = dict(self._builtin)
            for point in entry_points(group=self._group):
                if point.name in table:
                    both = f"{table[point.name].target} and {point.value}"
                    message = f"{self._what} {point.name!r} is registered twice: {both}"
                    raise AlreadyExists(message, hint="uninstall one of the two distributions")
                table[point.name] = Entry(point.value)
            self._table = table
        return self._table

    def __contains__(self, name: object) -> bool:
        """Say whether the name is known, without importing it."""
        return name in self._entries()

    def __iter__(self) -> Iterator[str]:
        """Iterate over the known names in order."""
        return iter(sorted(self._entries()))

    def __len__(self) -> int:
        """Return how many names are known."""
        return len(self._entries())

    def __getitem__(self, name: str) -> T:
        """Import and return the object registered under ``name``.

        Raises:
            NotFound: no such name; lists the known ones and the nearest match.
            MissingExtra: its module needs a package that is not installed.
        """
        if name not in self._loaded:
            table = self._entries()
            if name not in table:
                raise NotFound.among(self._what, name, table)
            self._loaded[name] = self._load(name, table[name])
        return self._loaded[name]

    def _load(self, name: str, entry: Entry) -> T:
        module_name, _, attribute = entry.target.partition(":")
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            message = f"{self._what} {name!r} cannot be loaded: {error}"
            hint = f"pip install 'spikelake[{entry.extra}]'" if entry.extra else ""
            raise MissingExtra(message, hint=hint) from error
        loaded: T = getattr(module, attribute)
        return loaded
