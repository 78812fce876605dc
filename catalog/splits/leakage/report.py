"""The leakage report of a split: what was looked for, with what result; kept beside the split."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from catalog.text_files import json_text, parse_json
from catalog.tree import LEAKAGE_SUFFIX, Tree
from eventstore.errors import FormatError, NotFound
from eventstore.findings import Finding, Severity

METHOD = "spikelake-leakage-2"
"""Names all checks with their constants: another result for the same split needs another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakageReport:
    """What the checks of a split for leakage found.

    Args:
        split: name of the split.
        digest: digest of the split it is for.
        method: name of the checks.
        settings: what they were told: columns of groups, embargo, threshold.
        folds: of each fold the number of samples, recordings and groups.
        compared: numbers of the search for near-duplicates; empty where there was none.
        near_duplicates: each pair found: samples, folds, score, and how one lies on the other.
        findings: what the checks found, errors first.
    """

    split: str
    digest: str
    method: str = METHOD
    settings: Mapping[str, object]
    folds: Mapping[str, Mapping[str, int]]
    compared: Mapping[str, int]
    near_duplicates: tuple[Mapping[str, object], ...]
    findings: tuple[Finding, ...]

    @property
    def path(self) -> str:
        """Where it is kept in the dataset."""
        return report_path(self.split)

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def text(self) -> str:
        """Return the text of the file: the same split gives the same text."""
        content = asdict(self)
        content["findings"] = [finding.to_dict() for finding in self.findings]
        return json_text(content)

    @classmethod
    def parse(cls, text: str, *, path: str) -> "LeakageReport":
        """Read the text of the file.

        Raises:
            FormatError: not a leakage report.
        """
        content = parse_json(text, path)
        expected = set(cls.__slots__)
        if not isinstance(content, dict) or set(content) != expected:
            message = "not a leakage report"
            hint = "make it again: spikelake split check DATASET/split:NAME --save"
            names = ", ".join(sorted(expected))
            raise FormatError(message, path=path, expected=names, hint=hint)
        content["near_duplicates"] = tuple(content["near_duplicates"])
        content["findings"] = tuple(_finding(one, path) for one in content["findings"])
        return cls(**content)


def report_path(split: str) -> str:
    """Return where the report of a split is kept in the dataset."""
    return f"splits/{split}{LEAKAGE_SUFFIX}.json"


def stale_report(tree: Tree, split: str, digest: str) -> Iterator[Finding]:
    """Say where the report kept beside a split is of another split than the one that is there.

    Args:
        tree: the state that holds both.
        split: name of the split.
        digest: digest that the split has now.

    Raises:
        FormatError: what is kept is not a leakage report.
    """
    path = report_path(split)
    try:
        text = tree.text(path)
    except NotFound:
        return  # none was kept
    report = LeakageReport.parse(text, path=path)
    differs = []
    if report.digest != digest:
        differs.append(f"of digest {str(report.digest)[:16]}, the split has {digest[:16]}")
    if report.method != METHOD:
        differs.append(f"by {report.method}, the checks are {METHOD} now")
    if differs:
        yield Finding(
            severity=Severity.WARNING if report.digest != digest else Severity.INFO,
            where=f"{tree.where}: {path}",
            message=f"the leakage report is stale: {'; '.join(differs)}",
            check="leakage-report",
            fix=f"spikelake split check {tree.where}/split:{split} --save",
        )


def _finding(content: Mapping[str, str], path: str) -> Finding:
    try:
        severity = Severity[content["severity"].upper()]
        return Finding(**{**content, "severity": severity})  # type: ignore[arg-type]
    except (KeyError, TypeError, AttributeError) as error:
        message = f"not a finding: {content}"
        raise FormatError(message, path=path) from error
