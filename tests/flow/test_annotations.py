"""Shapes and types in annotations are true: the main job runs with every one of them checked.

Unit tests pass wrong types on purpose, to see them refused with a message; so the checker
(jaxtyping with beartype) is switched on for the main job only, in a process of its own.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNCHECKABLE = {
    "@kernel": "numba compiles the plain function",
    "import typer": "typer reads the plain signature",
    " Self": "beartype checks Self only where it decorates whole classes",
}
MAIN_JOB = """
import sys
from pathlib import Path
from jaxtyping import install_import_hook
checker = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
with install_import_hook(sys.argv[1].split(","), checker):
    from devices.demo.page import report_page
    from devices.demo.run import DemoConfig, run_demo
facts = run_demo(DemoConfig(out=Path("out"), n_digits=60, epochs=1))
assert "<svg" in report_page(facts)
"""


def checkable_modules() -> list[str]:
    found = []
    for package in ("eventstore", "catalog", "snn", "devices"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if path.name != "__init__.py" and not any(mark in text for mark in UNCHECKABLE):
                found.append(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


def test_the_main_job_keeps_every_annotation(tmp_path: Path) -> None:
    modules = checkable_modules()
    assert len(modules) > 60
    done = subprocess.run(
        [sys.executable, "-c", MAIN_JOB, ",".join(modules)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
