"""``python -m catalog.public``."""

import os
import subprocess
import sys

from catalog.public.page import page_text


def test_it_prints_the_page() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "catalog.public"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert done.stdout.decode() == page_text()
