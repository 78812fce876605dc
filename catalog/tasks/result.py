"""What one run gave on a task: a file that any framework can write.

    {
     "format": 1,
     "task": "nmnist@1.0.1/task:digits#57ad0c7f4b1e2d36",
     "seed": 0,
     "confusion": [[98, 2], [1, 99]],
     "model": {"name": "conv_net", …}
    }

``task``, ``seed``, ``model`` and one of ``confusion`` and ``metrics`` must be there; ``round`` is
the fold that a cross-validation tested on, ``pipeline`` the stages that events went through,
``code`` what ran.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from typing import Any

from catalog.reference import parse_reference
from catalog.tasks.metrics import METRICS, as_confusion
from catalog.text_files import json_text, parse_json
from eventstore.errors import FormatError, InvalidInput

RESULT_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one run.

    Args:
        task: reference of the task, with its digest.
        seed: seed of the run.
        model: what was trained, as plain values; ``name`` is shown.
        round: fold tested on, of a cross-validation; else empty.
        confusion: test samples by true class (rows) and predicted class (columns).
        metrics: metrics by name; those that follow from ``confusion`` are computed, not believed.
        pipeline: stages that test samples went through; None where they are not known.
        code: what ran: versions by name, commit.

    Raises:
        InvalidInput: the task is cited without digest, or nothing was measured.

    Examples:
        >>> result = Result(
        ...     task="tiny@1.0.0/task:sides#" + "ab" * 8,
        ...     seed=0,
        ...     model={"name": "mine"},
        ...     confusion=((9, 1), (0, 10)),
        ... )
        >>> result.value("accuracy")
        0.95
    """

    task: str
    seed: int
    model: Mapping[str, Any]
    round: str = ""
    confusion: Sequence[Sequence[int]] | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    pipeline: Sequence[Mapping[str, Any]] | None = None
    code: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cited = parse_reference(self.task)
        if cited.task is None or cited.digest is None:
            message = f"{self.task!r} does not cite a task with its digest"
            raise InvalidInput(message, hint="spikelake task cite gives the line")
        if self.confusion is None and not self.metrics:
            message = "a result of neither confusion matrix nor metrics"
            raise InvalidInput(message, hint='give "confusion": counts, a row for each true class')
        if self.confusion is not None:
            as_confusion(self.confusion)
        numbers = all(type(v) in {int, float} and isfinite(v) for v in self.metrics.values())
        if not numbers:
            message = f"metrics {dict(self.metrics)} are not all numbers"
            raise InvalidInput(message, hint="leave out what was not measured")

    def value(self, metric: str) -> float:
        """Return a metric: computed from the confusion matrix where there is one, else as given.

        Raises:
            InvalidInput: it is neither given nor can be computed, or it is given and not what the
                confusion matrix gives.
        """
        given = self.metrics.get(metric)
        if self.confusion is not None and metric in METRICS:
            found = METRICS[metric](as_confusion(self.confusion))
            if given is not None and abs(given - found) > 1e-6:
                message = f"{metric} is given as {given}, its confusion matrix gives {found:.6f}"
                raise InvalidInput(message, hint="correct one of the two")
            return found
        if given is None:
            known = ", ".join(sorted(self.metrics)) or "no metric"
            message = f"a result of seed {self.seed} has {known}, not {metric!r}"
            raise InvalidInput(message, hint="give its confusion matrix")
        return float(given)

    def text(self) -> str:
        """Return the text of the file."""
        return json_text({"format": RESULT_FORMAT, **asdict(self)})

    @classmethod
    def parse(cls, text: str, *, path: str) -> "Result":
        """Read the text of the file.

        Raises:
            FormatError: not a result; says what is missing or wrong.
        """
        content = parse_json(text, path)
        if not isinstance(content, dict) or content.get("format") != RESULT_FORMAT:
            message = "not the result of a run"
            found = (
                str(content.get("format", "none")) if isinstance(content, dict) else "no mapping"
            )
            raise FormatError(message, path=path, expected=f"format {RESULT_FORMAT}", found=found)
        return cls.from_dict({k: v for k, v in content.items() if k != "format"}, path=path)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], *, path: str) -> "Result":
        """Build a result from plain values; ``path`` is where they stand, for messages."""
        known = {f.name for f in fields(cls)}
        odd = [name for name in content if name not in known]
        odd += [name for name in ("task", "seed", "model") if name not in content]
        kinds = {
            "task": str,
            "seed": int,
            "model": dict,
            "round": str,
            "metrics": dict,
            "code": dict,
        }
        odd += [n for n, kind in kinds.items() if n in content and type(content[n]) is not kind]
        if odd:
            message = f"not the result of a run: {odd[0]} is missing, unknown or of another type"
            raise FormatError(message, path=path, expected=", ".join(sorted(known)))
        try:
            return cls(**content)
        except InvalidInput as error:
            raise FormatError(error.message, path=path, hint=error.hint) from error
