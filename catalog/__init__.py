"""Which data, which version, who says so.

``card``     what a dataset is              ``dataset``   create, ingest, split, save, verify
``labels/``  intervals with a class         ``versions``  ``versions.json``
``splits/``  frozen sample → fold lists     ``tree``      the files of any version
``folder``   datasets by reference          ``verify``    recompute every digest
``repo``     the only door to git-annex and datalad
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from catalog.card import Card
    from catalog.dataset import Dataset
    from catalog.dataset_version import DatasetVersion
    from catalog.folder import Catalog, open_dataset, open_split, open_version
    from catalog.folder import open_catalog as open  # noqa: A004 - catalog.open(folder) reads well
    from catalog.labels.intervals import Label
    from catalog.reference import Reference, parse_reference
    from catalog.splits.holding_out import HeldOut, held_out
    from catalog.splits.rules import GroupRule, OfficialRule
    from catalog.splits.split import Split
    from catalog.versions import Version

__all__ = [
    "Card",
    "Catalog",
    "Dataset",
    "DatasetVersion",
    "GroupRule",
    "HeldOut",
    "Label",
    "OfficialRule",
    "Reference",
    "Split",
    "Version",
    "held_out",
    "open",
    "open_dataset",
    "open_split",
    "open_version",
    "parse_reference",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Card": "catalog.card",
        "Catalog": "catalog.folder",
        "Dataset": "catalog.dataset",
        "DatasetVersion": "catalog.dataset_version",
        "GroupRule": "catalog.splits.rules",
        "HeldOut": "catalog.splits.holding_out",
        "Label": "catalog.labels.intervals",
        "OfficialRule": "catalog.splits.rules",
        "Reference": "catalog.reference",
        "Split": "catalog.splits.split",
        "Version": "catalog.versions",
        "held_out": "catalog.splits.holding_out",
        "open": "catalog.folder:open_catalog",
        "open_dataset": "catalog.folder",
        "open_split": "catalog.folder",
        "open_version": "catalog.folder",
        "parse_reference": "catalog.reference",
    },
)
