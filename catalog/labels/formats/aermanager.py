"""Lists of aermanager: ``path,label``, one recording a line, without a header.

As numpy's ``loadtxt`` reads it there: ``#`` begins a comment, blanks around the label don't count,
and nothing can be quoted. A label is of the whole recording.
"""

from collections.abc import Sequence
from typing import ClassVar

from catalog.labels.formats.lines import joined, text_lines
from catalog.labels.formats.protocol import (
    FormatOptions,
    LabelFile,
    RawInterval,
    RecordingLabels,
    Times,
    Written,
)
from eventstore.errors import FormatError, InvalidInput


class Aermanager:
    """The format."""

    name: ClassVar[str] = "aermanager"
    ending: ClassVar[str] = "list.csv"
    times: ClassVar[Times] = Times.RECORDING
    kinds: ClassVar[frozenset[str]] = frozenset({"intervals"})
    lists_recordings: ClassVar[bool] = True

    def claims(self, name: str, data: bytes) -> bool:
        """Say that nothing tells this format from other CSV files: it has to be named."""
        return False

    def read(self, data: bytes, path: str, options: FormatOptions) -> LabelFile:
        """Return the label of each recording in the list.

        Examples:
            >>> said = Aermanager().read(b"cat/test.aedat4, 1", "list.csv", FormatOptions())
            >>> said.intervals[0].recording, said.intervals[0].label
            ('cat/test.aedat4', '1')
        """
        found = []
        for number, line in enumerate(text_lines(data, path), start=1):
            said = line.partition("#")[0]
            if not said.strip():
                continue
            fields = said.split(",")
            if len(fields) != 2 or not fields[0].strip() or not fields[1].strip():
                message = f"line {number} is no path with a label"
                raise FormatError(message, path=path, expected="path,label", found=repr(line[:80]))
            name, label = fields[0].strip(), fields[1].strip()
            found.append(RawInterval(f"line {number}", label, recording=name))
        return LabelFile(intervals=tuple(found))

    def write(self, parts: Sequence[RecordingLabels], options: FormatOptions) -> Written:
        """Return one list of all recordings, by the files that they came from."""
        lines = []
        for part in parts:
            for label in part.labels:
                if (label.t_start_us, label.t_stop_us) != (0, part.t_stop_us):
                    message = f"{label.sample_id} is not the whole of its recording"
                    raise InvalidInput(message, hint="export intervals as bids or dvs-gesture")
                fields = [part.source or part.recording_id, label.label]
                if any(field != field.strip() or not field for field in fields):
                    message = (
                        f"{fields} of {part.recording_id} would not read back: empty, or blanks"
                    )
                    raise InvalidInput(message, hint="rename it first")
                lines.append(joined(fields, ",", part.recording_id, banned="#"))
        return Written("".join(lines).encode())


FORMAT = Aermanager()
