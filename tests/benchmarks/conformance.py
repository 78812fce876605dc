"""Hold other libraries against the conformance corpus, and write the table into the documentation.

What ``make conformance`` runs. Each library decodes each file of a format that it claims to read,
in a process of its own, so that one that crashes or hangs is a result like any other.
"""

import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench_environment import ROOT, make_environment
from conformance_peers import LIBRARIES
from eventstore.corpus.case import Case
from eventstore.corpus.write import SEED, write_corpus
from eventstore.readers.open import read_file

SECONDS = 60
PAGE = ROOT / "docs" / "reference" / "conformance.md"
SCRIPT = Path(__file__).with_name("conformance_peers.py")

HEAD = f"""# Conformance of decoders

This page is written by `make conformance`. The corpus is made by `eventstore.corpus` (seed {SEED}):
files built from the formats' layouts alone, by code that shares nothing with any reader, with the
events that a right decoder finds in them. `python -m eventstore.corpus DIR` writes it into a
folder, truth included, for use with any other decoder.

Each library decoded each file of a format it claims to read. **exact**: every t, x, y, p equal, in
order. **t + n**: all times shifted by n µs, everything else equal. Else: how many events it gave,
and how many of those differ.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one library fared with one file."""

    case: Case
    library: str
    said: str

    @property
    def right(self) -> bool:
        """Whether all is equal."""
        return self.said == "exact"


def main() -> int:
    """Run all and write the page."""
    python = make_environment()
    with TemporaryDirectory() as name:
        folder = Path(name)
        cases = write_corpus(folder)
        outcomes = [_ours(folder, case) for case in cases]
        for library, formats in LIBRARIES.items():
            sys.stderr.write(f"{library} …\n")
            claimed = [case for case in cases if case.format in formats]
            outcomes += [_theirs(python, folder, case, library) for case in claimed]
    versions = {name: _version(python, name) for name in LIBRARIES}
    PAGE.write_text(page(cases, outcomes, versions), encoding="utf-8")
    return 0 if all(o.right for o in outcomes if o.library == "spikelake") else 1


def _ours(folder: Path, case: Case) -> Outcome:
    events = read_file(folder / case.file_name, reader=case.reader).load()
    columns = dict(zip("txyp", (c.astype(np.int64) for c in events), strict=True))
    return Outcome(case=case, library="spikelake", said=compare(case, columns))


def _theirs(python: Path, folder: Path, case: Case, library: str) -> Outcome:
    out = folder / "found.npz"
    out.unlink(missing_ok=True)
    command = [str(python), str(SCRIPT), library, case.format, str(folder / case.file_name)]
    try:
        done = subprocess.run(
            [*command, str(out)], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(case=case, library=library, said=f"no end after {SECONDS} s")
    if done.returncode < 0:
        return Outcome(case=case, library=library, said=f"killed by signal {-done.returncode}")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["error"])[-1]
        return Outcome(case=case, library=library, said=f"error: {last[:90]}")
    with np.load(out) as found:
        return Outcome(case=case, library=library, said=compare(case, dict(found)))


def compare(case: Case, found: dict[str, np.ndarray]) -> str:
    """Say how columns differ from the truth."""
    truth = dict(zip("txyp", (c.astype(np.int64) for c in case.events), strict=True))
    n, expected = len(found["t"]), len(truth["t"])
    if n != expected:
        return f"{n:,} of {expected:,} events"
    wrong = {name: int((found[name] != column).sum()) for name, column in truth.items()}
    if not any(wrong.values()):
        return "exact"
    shift = found["t"] - truth["t"]
    if not any(wrong[name] for name in "xyp") and bool((shift == shift[0]).all()):
        return f"t {shift[0]:+,}"
    return "wrong: " + ", ".join(f"{count:,} {name}" for name, count in wrong.items() if count)


def page(cases: list[Case], outcomes: list[Outcome], versions: dict[str, str]) -> str:
    """Return the page: what each file tests, then who reads it right."""
    lines = [HEAD, "| library | version | exact | files of its formats |", "|---|---|---|---|"]
    for library in ("spikelake", *LIBRARIES):
        own = [outcome for outcome in outcomes if outcome.library == library]
        right = sum(outcome.right for outcome in own)
        number = versions.get(library) or version("spikelake")
        lines.append(f"| {library} | {number} | {right} | {len(own)} |")
    lines += ["", "| file | events | what it tests | exact | not exact |", "|---|---|---|---|---|"]
    for case in cases:
        own = [outcome for outcome in outcomes if outcome.case is case]
        good = ", ".join(outcome.library for outcome in own if outcome.right)
        bad = "; ".join(f"{o.library}: {_cell(o.said)}" for o in own if not o.right)
        file = f"`{case.file_name}`"
        lines.append(f"| {file} | {len(case.events):,} | {_cell(case.tests)} | {good} | {bad} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _version(python: Path, name: str) -> str:
    code = f"from importlib.metadata import version; print(version({name!r}))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "not installed"


if __name__ == "__main__":
    sys.exit(main())
