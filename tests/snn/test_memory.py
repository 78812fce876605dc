import os
import subprocess
import sys

PROBE = """
import resource, sys
import numpy as np
from snn.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def step():
    [np.ones(1 << 20) for _ in range(10)]  # 80 MiB, as the activations of a training step
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    small_pages = os.environ | {"NUMPY_MADVISE_HUGEPAGE": "0"}
    command = [sys.executable, "-c", PROBE, how]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=small_pages)
    return int(done.stdout)


def test_memory_taken_again_and_again_is_not_paid_for_each_time() -> None:
    assert faults("keep") < 1_000 < faults("leave")
