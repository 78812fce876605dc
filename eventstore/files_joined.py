"""Files of one store that lie in several places, each read where it is."""

from collections.abc import Mapping, Sequence

from eventstore.files import ByteRange, Files


class JoinedFiles(Files):
    """Files, some of whose keys are other files' keys.

    Args:
        files: where most files are.
        elsewhere: for each key that is not theirs, the files that have it and its key there.

    Examples:
        >>> from eventstore.files import MappedFiles
        >>> near, far = MappedFiles({"a": b"near"}), MappedFiles({"KEY": b"far"})
        >>> files = JoinedFiles(near, {"b": (far, "KEY")})
        >>> files.read("a"), files.read("b"), files.where("b")
        (b'near', b'far', 'store:KEY')
    """

    def __init__(self, files: Files, elsewhere: Mapping[str, tuple[Files, str]]) -> None:
        self._files = files
        self._elsewhere = dict(elsewhere)
        self._all = [files]
        for other, _ in self._elsewhere.values():
            if not any(other is known for known in self._all):
                self._all.append(other)

    @property
    def remote(self) -> bool:
        """Whether any of the files are remote."""
        return any(files.remote for files in self._all)

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files, with one call to each place.

        Raises:
            MissingContent: a file is not there.
        """
        asked: dict[int, list[tuple[int, ByteRange]]] = {}
        for i, (key, start, stop) in enumerate(ranges):
            place, name = self._place(key)
            asked.setdefault(place, []).append((i, (name, start, stop)))
        found: dict[int, memoryview] = {}
        for place, parts in asked.items():
            data = self._all[place].read_ranges([part for _, part in parts])
            found |= zip((i for i, _ in parts), data, strict=True)
        return [found[i] for i in range(len(ranges))]

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the file is not there.
        """
        place, name = self._place(key)
        return self._all[place].size(name)

    def where(self, key: str) -> str:
        """Return what the place that has the file calls it."""
        place, name = self._place(key)
        return self._all[place].where(name)

    def has(self, key: str) -> bool:
        """Say whether the place that ought to have the file has it."""
        place, name = self._place(key)
        return self._all[place].has(name)

    def forget(self, ranges: Sequence[ByteRange]) -> None:
        """Read these bytes anew next time."""
        for key, start, stop in ranges:
            place, name = self._place(key)
            self._all[place].forget([(name, start, stop)])

    def close(self) -> None:
        """Let go of all places."""
        for files in self._all:
            files.close()

    def _place(self, key: str) -> tuple[int, str]:
        """Return the number of the place that has a file, and the file's key there."""
        found = self._elsewhere.get(key)
        if found is None:
            return 0, key
        files, name = found
        return next(i for i, known in enumerate(self._all) if known is files), name
