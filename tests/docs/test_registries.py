"""Every name that a user can write in a pipeline, recipe, option or command is documented."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from catalog.layouts import LAYOUTS
from catalog.splits.rules.table import RULES
from catalog.tasks.metrics import METRICS
from devices.chips import CHIPS
from eventstore.codecs import TIERS
from eventstore.doctor import CHECKS
from eventstore.loader.mixing import MIXERS
from eventstore.sound.encoding import SOUND_STAGES
from eventstore.transforms.pipeline import TRANSFORMS
from snn.models import MODELS
from snn.surrogate import SURROGATES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

TABLES: dict[str, tuple[Iterable[str | Path], str]] = {
    "transform": (TRANSFORMS, "explanation/batches.md"),
    "mixer": (MIXERS, "explanation/batches.md"),
    "stage of sound": (SOUND_STAGES, "explanation/sound.md"),
    "tier of codecs": (TIERS, "explanation/store-format.md"),
    "layout": (LAYOUTS, "reference/layouts.md"),
    "split rule": (RULES, "reference/command-line.md"),
    "metric": (METRICS, "reference/command-line.md"),
    "chip": (CHIPS, "reference/devices.md"),
    "check of doctor": (CHECKS, "reference/command-line.md"),
    "model": (MODELS, "reference/snn.md"),
    "surrogate": (SURROGATES, "reference/snn.md"),
    "recipe": ((ROOT / "snn" / "recipes").glob("*.toml"), "reference/snn.md"),
}

ELSEWHERE = {"READERS", "WRITERS", "REPAIRS", "LABEL_FORMATS", "LAYOUTS"}
"""Tables that `test_coverage` looks after."""


def name_of(entry: str | Path) -> str:
    return entry.stem.replace("_", "-") if isinstance(entry, Path) else entry


@pytest.mark.parametrize("what", TABLES)
def test_every_name_is_documented(what: str) -> None:
    entries, page = TABLES[what]
    names = [name_of(entry) for entry in entries]
    text = (DOCS / page).read_text(encoding="utf-8")
    assert names
    assert [name for name in names if f"`{name}`" not in text and f"`{name}(" not in text] == []


def test_every_kind_of_neuron_is_documented() -> None:
    import snn.layers

    text = (DOCS / "explanation" / "spiking-layers.md").read_text(encoding="utf-8")
    kinds = [name for name in snn.layers.__all__ if isinstance(getattr(snn.layers, name), type)]
    assert [name for name in kinds if f"`{name}" not in text] == []


def test_no_table_of_names_is_forgotten() -> None:
    looked_after = ELSEWHERE | {
        name for name in globals() if name.isupper() and name not in {"ROOT", "DOCS", "TABLES"}
    }
    found = {table for path in sources() for table in tables_in(path)}
    assert len(found) >= 10
    assert found - looked_after == set()


def sources() -> list[Path]:
    packages = ("eventstore", "catalog", "snn", "devices")
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


def tables_in(path: Path) -> list[str]:
    """Return the module's own names that are made by calling `Registry`."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func).startswith("Registry"):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [ast.unparse(target) for target in targets]
    return found
