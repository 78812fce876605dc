"""The table of rules: adding one is one file and one line here."""

from collections.abc import Mapping

from catalog.splits.rules.protocol import Rule
from eventstore.errors import InvalidInput
from eventstore.registry import Entry, Registry

RULES: Registry[type[Rule]] = Registry(
    "split rule",
    "spikelake.split_rules",
    {
        "by-time": Entry("catalog.splits.rules.by_time:ByTimeRule"),
        "group": Entry("catalog.splits.rules.group:GroupRule"),
        "kfold": Entry("catalog.splits.rules.kfold:KFoldRule"),
        "leave-one-out": Entry("catalog.splits.rules.leave_one_out:LeaveOneOutRule"),
        "official": Entry("catalog.splits.rules.official:OfficialRule"),
    },
)
"""Names of rules on the command line and in ``splits/<name>.json``."""


def rule_from_dict(content: Mapping[str, object]) -> Rule:
    """Return the rule that the record of a split describes.

    Raises:
        NotFound: there is no such rule, or it has no such setting.
        InvalidInput: it names no rule, or a setting is of another type.

    Examples:
        >>> rule_from_dict({"name": "kfold", "n_folds": 3}).folds
        ('fold0', 'fold1', 'fold2')
    """
    name = content.get("name")
    if not isinstance(name, str):
        message = f"{dict(content)} names no rule"
        raise InvalidInput(message, hint=f"known are {', '.join(RULES)}")
    return RULES[name].from_dict(content)
