"""Make the corpus: every case of every format, as files with a table of their truth."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eventstore.corpus import aedat, bags, containers, evt2, evt3, records
from eventstore.corpus.case import Case, Cases
from eventstore.digest import columns_sha256

SEED = 20_261_124
"""Chance of the corpus as it is published."""

FAMILIES: tuple[Cases, ...] = (
    aedat.old_cases,
    aedat.packet_cases,
    aedat.newest_cases,
    evt2.cases,
    evt2.cases_21,
    evt3.cases,
    records.atis_cases,
    records.dat_cases,
    records.es_cases,
    records.text_cases,
    containers.npz_cases,
    containers.dsec_cases,
    containers.mvsec_cases,
    bags.ros1_cases,
    bags.ros2_cases,
)
"""What makes the cases of each format."""


def corpus_cases(seed: int = SEED) -> Iterator[Case]:
    """Iterate over all cases; each family draws from a generator of its own.

    Examples:
        >>> case = next(corpus_cases())
        >>> case.file_name, len(case.events)
        ('aedat1-dvs128.aedat', 300)
    """
    for family in FAMILIES:
        yield from family(np.random.default_rng([seed, *f"{family.__module__}".encode()]))


def write_corpus(folder: Path, seed: int = SEED) -> list[Case]:
    """Write all files, their columns as ``.truth.npz`` beside them, and ``manifest.json``.

    Args:
        folder: made where absent; files of the same names are replaced.
        seed: chance.

    Examples:
        >>> from tempfile import mkdtemp
        >>> folder = Path(mkdtemp())
        >>> cases = write_corpus(folder)
        >>> (folder / cases[0].file_name).read_bytes() == cases[0].data
        True
    """
    folder.mkdir(parents=True, exist_ok=True)
    cases = list(corpus_cases(seed))
    manifest = []
    for case in cases:
        (folder / case.file_name).write_bytes(case.data)
        t, x, y, p = case.events
        np.savez_compressed(folder / f"{case.file_name}.truth.npz", t=t, x=x, y=y, p=p)
        manifest.append(
            {
                "file": case.file_name,
                "format": case.format,
                "tests": case.tests,
                "events": len(case.events),
                "width": case.sensor.width,
                "height": case.sensor.height,
                "sha256_t_x_y_p": columns_sha256(case.events),
            }
        )
    text = json.dumps({"seed": seed, "files": manifest}, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return cases
