"""Rules that assign samples to folds: each proposes once, the frozen list counts afterwards.

``protocol``  what a rule is               ``official``       folds of the archives
``table``     rules by name                ``group``          whole groups by hash, or balanced
``grouping``  what may not be torn apart   ``kfold``          k folds of equal size
``balancing`` deal groups out              ``leave_one_out``  a fold for each group
``hashing``   the hash, ``shares``         ``by_time``        early and late parts, with a gap
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from catalog.splits.rules.by_time import ByTimeRule
    from catalog.splits.rules.group import SMALL_N, GroupRule
    from catalog.splits.rules.hashing import unit_hash
    from catalog.splits.rules.kfold import KFoldRule
    from catalog.splits.rules.leave_one_out import LeaveOneOutRule
    from catalog.splits.rules.official import OfficialRule
    from catalog.splits.rules.protocol import Rule, Sample
    from catalog.splits.rules.table import RULES, rule_from_dict

__all__ = [
    "RULES",
    "SMALL_N",
    "ByTimeRule",
    "GroupRule",
    "KFoldRule",
    "LeaveOneOutRule",
    "OfficialRule",
    "Rule",
    "Sample",
    "rule_from_dict",
    "unit_hash",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "RULES": "catalog.splits.rules.table",
        "SMALL_N": "catalog.splits.rules.group",
        "ByTimeRule": "catalog.splits.rules.by_time",
        "GroupRule": "catalog.splits.rules.group",
        "KFoldRule": "catalog.splits.rules.kfold",
        "LeaveOneOutRule": "catalog.splits.rules.leave_one_out",
        "OfficialRule": "catalog.splits.rules.official",
        "Rule": "catalog.splits.rules.protocol",
        "Sample": "catalog.splits.rules.protocol",
        "rule_from_dict": "catalog.splits.rules.table",
        "unit_hash": "catalog.splits.rules.hashing",
    },
)
