"""Open what is to be looked at, by its reference."""

from pathlib import Path

from catalog.dataset_version import check_digest
from catalog.folder import open_source
from catalog.reference import DRAFT, Reference, parse_reference
from catalog.viewer.run_list import check_run_folders
from catalog.viewer.shown import Shown
from eventstore.errors import InvalidInput, MissingContent


def open_shown(reference: str, *, runs: tuple[Path, ...] = ()) -> Shown:
    """Open a dataset, or a version of it, to be looked at.

    Args:
        reference: folder or URL of the dataset, with ``@version`` where a saved one is meant.
        runs: folders of training runs that are shown beside it.

    Raises:
        InvalidInput: the reference names a split or a task.
        NotFound: there is no such dataset, version or folder of runs.
        IntegrityError: the version is not what is cited.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> open_shown(str(tiny_dataset().root)).is_draft
        True
    """
    wanted = parse_reference(reference)
    if wanted.split or wanted.task:
        message = f"{reference} names more than a version"
        meant = Reference(name=wanted.name, version=wanted.version)
        raise InvalidInput(message, hint=f"write {meant}")
    version = None if wanted.version == DRAFT else wanted.version
    shown = Shown(open_source(wanted.name), version, runs=check_run_folders(runs))
    saved = shown.state().version.version
    check_digest(reference, saved.digest if saved else DRAFT, wanted.digest)
    return shown


def fetch_command(shown: Shown) -> str:
    """Return what brings the events of a work tree here; empty where they are, or need not be.

    Pages open without them, and each says what it lacks; whoever starts the viewer is told once.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> fetch_command(open_shown(str(tiny_dataset().root)))
        ''
    """
    if not shown.is_draft:
        return ""
    store = shown.state().version.store
    try:
        store.read_rows(0, min(store.n_events, 1))
    except MissingContent:
        return f"spikelake dataset get {shown.source.root}"
    return ""
