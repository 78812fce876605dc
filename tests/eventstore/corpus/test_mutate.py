"""No reader crashes, hangs or lies over damaged files: valid events, or an error that says where.

The inputs are damaged files of the corpus. They are read in a process of its own, under a limit on
memory and time, so that a crash of a decoder is a failure of the test and not its end.
"""

import subprocess
import sys

import numpy as np
import pytest

from eventstore.corpus.mutate import mutate
from eventstore.corpus.write import corpus_cases

PER_FILE_QUICK = 25
SLOW_TOTAL = 100_000
MEMORY_BYTES = 3 << 30
"""Address space beyond what the process has when it begins."""

READ_DAMAGED = """
import faulthandler, resource, sys, time, warnings
import numpy as np
from eventstore.corpus.mutate import mutate
from eventstore.corpus.write import corpus_cases
from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.readers.open import read_source
from eventstore.readers.protocol import ByteSource

each, seed, limit = (int(word) for word in sys.argv[1:])
cases = list(corpus_cases())
for case in cases:  # compile every kernel first
    read_source(ByteSource(case.file_name, memoryview(case.data)), reader=case.format).load()
begun = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (begun + limit, begun + limit))
faulthandler.enable()
warnings.simplefilter("error")
read, refused = 0, 0
for number, case in enumerate(cases):
    rng = np.random.default_rng([seed, number])
    for trial in range(each):
        data = mutate(case.data, rng)
        what = f"{case.file_name} seed {seed} trial {trial}"
        faulthandler.dump_traceback_later(20, exit=True)
        try:
            recording = read_source(
                ByteSource(case.file_name, memoryview(data)), reader=case.format
            )
            events = recording.load()
            for make in recording.side.values():
                for table in make():
                    pass
        except (FormatError, InvalidInput, NotFound) as error:  # the latter two: parts went missing
            assert error.hint, what
            refused += 1
            continue
        except BaseException as error:
            error.add_note(what)
            raise
        assert (events.x < recording.sensor.width).all(), what
        assert (events.y < recording.sensor.height).all(), what
        assert (events.p <= 1).all(), what
        read += 1
faulthandler.cancel_dump_traceback_later()
print(read, refused)
"""


def run(each: int, seed: int) -> tuple[int, int]:
    """Read so many damaged files of each case; return how many were read and refused."""
    done = subprocess.run(
        [sys.executable, "-c", READ_DAMAGED, str(each), str(seed), str(MEMORY_BYTES)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    read, refused = (int(word) for word in done.stdout.split())
    return read, refused


def test_damaged_files_are_read_or_refused() -> None:
    read, refused = run(PER_FILE_QUICK, seed=1)
    assert read > 0
    assert refused > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_damaged_files() -> None:
    each = -(-SLOW_TOTAL // sum(1 for _ in corpus_cases()))
    read, refused = run(each, seed=2)
    assert read + refused >= SLOW_TOTAL


def test_faults_of_every_kind_occur() -> None:
    rng = np.random.default_rng(0)
    data = bytes(range(256)) * 4
    sizes = {len(mutate(data, rng)) - len(data) for _ in range(300)}
    assert min(sizes) < 0 < max(sizes)
    assert 0 in sizes
    assert mutate(b"", rng) == b""
