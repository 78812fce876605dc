"""What a layout is: what the files of a dataset mean, in the form that they are published in.

A reader decodes one file; a layout says which files are recordings, and reads label, fold, subject
and the like off folders, names and lists beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

from catalog.intake import Intake
from eventstore.events import Sensor


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutFacts:
    """What is known of a dataset before its files are looked at.

    Args:
        sensor: geometry; None where it differs, or the files tell.
        classes: names of the classes in the order of their indices.
        options: options of the layout, as TOML gives them.
        folds: fold of all that a source holds, by the source's file name.

    Examples:
        >>> LayoutFacts(sensor=Sensor(34, 34)).classes
        ()
    """

    sensor: Sensor | None = None
    classes: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    folds: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Layout(Protocol):
    """Lists the recordings of a dataset with all that their place says about them."""

    name: ClassVar[str]

    def intake(self, sources: Sequence[Path], facts: LayoutFacts) -> Intake:
        """List the recordings in files as they were downloaded, or in folders unpacked from them.

        Args:
            sources: files, archives and folders.
            facts: what is known besides.

        Raises:
            NotFound: an option that the layout has not, or no recording in the sources.
            InvalidInput: an option's value makes no sense.
            FormatError: a file beside the recordings is not what it should be, or an archive is
                damaged or unsafe.
        """
