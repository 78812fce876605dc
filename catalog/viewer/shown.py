"""The dataset that is looked at: one state of it, opened once and anew when its files change."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock, RLock
from typing import TypeVar, cast

from catalog.dataset import Dataset
from catalog.dataset_version import DatasetVersion
from catalog.folder import state_of
from catalog.query.columns import RecordingColumns
from catalog.remotes.remote_dataset import RemoteDataset
from catalog.tree import STORE, VERSIONS
from eventstore.errors import NotFound
from eventstore.events import Sensor

T = TypeVar("T")


class ShownState:
    """One state of a dataset, with what pages ask of it again and again.

    Args:
        version: the state.
    """

    def __init__(self, version: DatasetVersion) -> None:
        self.version = version
        self.columns = RecordingColumns(version)
        self.ids: list[str] = version.recordings.column("recording_id")
        self._made: dict[str, object] = {}
        self._making = Lock()
        self._locks: dict[str, RLock] = {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made of this state, made when first asked for.

        Others wait who ask for the same, and for nothing else.
        """
        with self._making:
            lock = self._locks.setdefault(name, RLock())
        with lock:
            if name not in self._made:
                self._made[name] = make()
            return cast("T", self._made[name])

    def texts(self, name: str) -> Sequence[str]:
        """Return a column of the recordings, read once.

        Raises:
            NotFound: there is no such column; names the nearest.
        """
        return self.once(f"column {name}", lambda: self.columns.texts(name))

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Row of each recording in ``recordings.tsv``."""
        return {name: row for row, name in enumerate(self.ids)}

    def store_row(self, recording: str) -> int:
        """Return the row of a recording in the store.

        Raises:
            NotFound: there is no such recording; names the nearest.
        """
        if recording not in self.row_of:
            missing = NotFound.among("recording", recording[:200], self.ids)
            raise missing
        return self.version.store.recordings.row(recording)

    def sensor(self, recording: str) -> Sensor:
        """Return the sensor of a recording."""
        return self.version.store.recordings.sensor(self.store_row(recording))

    def t_stop(self, recording: str) -> int:
        """Return the end of a recording, in µs."""
        return int(self.version.store.recordings.t_stop[self.store_row(recording)])


class Shown:
    """A dataset that is looked at while others may work on it.

    Args:
        source: the dataset.
        version: which of its versions; its work tree where None and it has one.
        runs: folders of training runs that are shown beside it.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> shown = Shown(tiny_dataset())
        >>> len(shown.state().ids), shown.is_draft
        (6, True)
    """

    def __init__(
        self,
        source: Dataset | RemoteDataset,
        version: str | None = None,
        *,
        runs: tuple[Path, ...] = (),
    ) -> None:
        self.source = source
        self.runs = runs
        self.changing = Lock()
        """Held by whoever changes the dataset through the viewer."""
        self._opening = Lock()
        self._version = version
        self._stamp = self._stamped()
        self._state = ShownState(state_of(self.source, self._version))

    @property
    def is_draft(self) -> bool:
        """Whether the work tree is shown, which can be edited."""
        return self._state.version.version is None

    def state(self) -> ShownState:
        """Return the dataset as it stands now."""
        if not self.is_draft:
            return self._state
        stamp = self._stamped()
        with self._opening:
            if stamp != self._stamp:  # answers that are being made keep the state they began with
                self._state, self._stamp = ShownState(state_of(self.source, self._version)), stamp
            return self._state

    def _stamped(self) -> tuple[tuple[str, int, int], ...]:
        """Return when the files of the work tree were written that pages are made of."""
        if not isinstance(self.source, Dataset):
            return ()
        root = self.source.root
        files = [
            root / STORE / "zarr.json",
            *root.glob("*.tsv"),
            root / "dataset.yaml",
            root / VERSIONS,
        ]
        files += [*root.glob("labels/**/*.tsv"), *root.glob("splits/*.json")]
        found = ((path, path.stat()) for path in files if path.is_file())
        return tuple(sorted((str(path), is_.st_mtime_ns, is_.st_size) for path, is_ in found))
