"""Which recording a file of labels is about: by its name, and never by a guess.

A file ``user22_led_labels.csv`` is about the one recording whose id ends in ``user22_led``; a path
in a list about the one that came from that file, or whose id the path ends in. None or several is
an error that lists them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from eventstore.errors import InvalidInput, NotFound

EVENT_ENDINGS = ("", "_td", "_events", "_event")
"""What names of recordings may end in beside the name that they share with their labels."""

LABEL_ENDINGS = ("_labels", "_bbox", "_events", "_annotations", "_label", "_boxes")
"""What names of label files end in after the name of their recording."""


class RecordingNames:
    """The recordings of a dataset, to be found by the names that files give them.

    Args:
        sources: the file that each recording came from, by its id.

    Examples:
        >>> names = RecordingNames({"train/user22_led": "DvsGesture.tar.gz/user22_led.aedat"})
        >>> names.of_file("labels/user22_led_labels.csv")
        'train/user22_led'
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._ids = list(sources)
        self._by_source = {source: name for name, source in sources.items() if source}
        self._by_last: dict[str, list[str]] = {}
        for name in sources:
            self._by_last.setdefault(PurePosixPath(name).name, []).append(name)

    def of_id(self, name: str) -> str:
        """Return a recording by its id.

        Raises:
            NotFound: there is none.
        """
        if name not in self._by_last.get(PurePosixPath(name).name, ()):
            missing = NotFound.among("recording", name, self._ids)
            raise missing
        return name

    def of_file(self, path: str) -> str:
        """Return the recording that a file of labels is about.

        Raises:
            NotFound: no recording has such a name.
            InvalidInput: several have; lists them.
        """
        stem = PurePosixPath(path).name.partition(".")[0]
        bare = (stem.removesuffix(end) for end in LABEL_ENDINGS if stem.endswith(end))
        for shared in (stem, *bare):
            found = [x for end in EVENT_ENDINGS for x in self._by_last.get(shared + end, ())]
            if found:
                return self._only(found, path)
        message = f"no recording has the name of {path}"
        raise NotFound(message, hint=f"say which it is about: --recording ID ({self._some()})")

    def of_path(self, path: str, where: str) -> str:
        """Return the recording that a path in a list names.

        Raises:
            NotFound: none is of that path.
            InvalidInput: several are; lists them.
        """
        if path in self._by_source:
            return self._by_source[path]
        pure = PurePosixPath(path)
        whole = PurePosixPath(*(part for part in pure.parts if part not in {"/", ".", ".."}))
        bare = whole.with_name(whole.name.partition(".")[0] or whole.name) if whole.name else whole
        for shared in (whole, whole.with_suffix("") if whole.name else whole, bare):
            found = [
                name
                for name in self._by_last.get(shared.name, ())
                if _ends_alike(PurePosixPath(name).parts, shared.parts)
            ]
            if found:
                return self._only(found, f"{where}: {path}")
        message = f"{where}: no recording is of {path}"
        raise NotFound(message, hint=f"ingest it first, or correct the list ({self._some()})")

    def _only(self, found: Sequence[str], what: str) -> str:
        if len(found) > 1:
            message = f"{what} may be about {len(found)} recordings: {_listed(found)}"
            raise InvalidInput(message, hint="say which: --recording ID")
        return found[0]

    def _some(self) -> str:
        return f"there are: {_listed(self._ids)}" if self._ids else "there are none"


def _ends_alike(a: Sequence[str], b: Sequence[str]) -> bool:
    """Say whether one path ends in the other, part by part."""
    shared = min(len(a), len(b))
    return tuple(a[-shared:]) == tuple(b[-shared:])


def _listed(names: Iterable[str]) -> str:
    some = sorted(names)
    return ", ".join(some[:6]) + (f", … ({len(some)} in all)" if len(some) > 6 else "")
