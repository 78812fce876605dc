"""Which data, which version, who says so.

``card``     what a dataset is              ``dataset``   create, ingest, split, save, verify
``labels/``  intervals with a class         ``versions``  ``versions.json``
``splits/``  frozen sample → fold lists     ``tree``      the files of any version
``tasks/``   benchmarks that can be cited   ``open_tasks``  tasks by reference
``folder``   datasets by reference          ``verify``    recompute every digest
``diff/``    what changed, which number    ``remotes/``  publish, and read at a URL
``viewer/``  look at it in a browser
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
    from catalog.labels.boxes import Boxes
    from catalog.labels.intervals import Label
    from catalog.open_tasks import make_task, open_task
    from catalog.reference import Reference, parse_reference
    from catalog.splits.holding_out import HeldOut, held_out
    from catalog.splits.leakage.check import check_split_leakage
    from catalog.splits.rules import (
        ByTimeRule,
        GroupRule,
        KFoldRule,
        LeaveOneOutRule,
        OfficialRule,
    )
    from catalog.splits.split import Split
    from catalog.tasks.spec import TaskSpec
    from catalog.tasks.task import Task
    from catalog.versions import Version

__all__ = [
    "Boxes",
    "ByTimeRule",
    "Card",
    "Catalog",
    "Dataset",
    "DatasetVersion",
    "GroupRule",
    "HeldOut",
    "KFoldRule",
    "Label",
    "LeaveOneOutRule",
    "OfficialRule",
    "Reference",
    "Split",
    "Task",
    "TaskSpec",
    "Version",
    "check_split_leakage",
    "held_out",
    "make_task",
    "open",
    "open_dataset",
    "open_split",
    "open_task",
    "open_version",
    "parse_reference",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Boxes": "catalog.labels.boxes",
        "ByTimeRule": "catalog.splits.rules",
        "Card": "catalog.card",
        "Catalog": "catalog.folder",
        "Dataset": "catalog.dataset",
        "DatasetVersion": "catalog.dataset_version",
        "GroupRule": "catalog.splits.rules",
        "HeldOut": "catalog.splits.holding_out",
        "KFoldRule": "catalog.splits.rules",
        "Label": "catalog.labels.intervals",
        "LeaveOneOutRule": "catalog.splits.rules",
        "OfficialRule": "catalog.splits.rules",
        "Reference": "catalog.reference",
        "Split": "catalog.splits.split",
        "Task": "catalog.tasks.task",
        "TaskSpec": "catalog.tasks.spec",
        "Version": "catalog.versions",
        "check_split_leakage": "catalog.splits.leakage.check",
        "held_out": "catalog.splits.holding_out",
        "make_task": "catalog.open_tasks",
        "open": "catalog.folder:open_catalog",
        "open_dataset": "catalog.folder",
        "open_split": "catalog.folder",
        "open_task": "catalog.open_tasks",
        "open_version": "catalog.folder",
        "parse_reference": "catalog.reference",
    },
)
