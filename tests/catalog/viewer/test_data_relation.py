"""Data that are cited are known again by their digest, whatever they are called."""

from catalog.dataset import Dataset
from catalog.open_tasks import make_task
from catalog.tasks.spec import TaskSpec
from catalog.viewer.data_relation import Data, data_of, folds_of
from catalog.viewer.shown import Shown


def test_digests_decide_and_names_only_lead_there(animals: Dataset) -> None:
    task = make_task(animals, "which", TaskSpec(splits=("official",)))
    state = Shown(animals).state()
    digest, same = state.version.split_record("official").digest, frozenset({"official"})
    cited = {
        f"a/animals@1.0.0/split:official#{digest[:16]}": ("the same split", "official", same),
        f"other@9.0.0/split:lost#{digest}": ("the same split", "official", same),
        "animals@1.0.0/split:official": ("a split of this name, other samples", "official", ()),
        "animals/split:official#00000000": ("a split of this name, other samples", "official", ()),
        "animals/split:lost#00000000": ("a split that is not here", "", ()),
        f"animals/task:which#{task.digest[:16]}": ("the same task", "official", same),
        "animals/task:which#00000000": ("a task of this name, another one", "", ()),
        "animals/task:lost#00000000": ("a task that is not here", "", ()),
        "plants/task:which#00000000": ("another dataset", "", ()),
        "animals@1.0.0": ("this dataset", "", ()),
        "no reference@@": ("not told", "", ()),
        "": ("not told", "", ()),
    }
    for text, (relation, split, those) in cited.items():
        assert data_of(state, text) == Data(relation, split, frozenset(those)), text


def test_a_damaged_task_is_told(animals: Dataset) -> None:
    task = make_task(animals, "which", TaskSpec(splits=("official",)))
    file = animals.root / "tasks/which.json"
    file.write_text(file.read_text().replace('"accuracy"', '"macro-f1"'))
    found = data_of(Shown(animals).state(), f"animals/task:which#{task.digest}")
    assert found.relation == "a task of this name, which is damaged here"


def test_a_recording_has_the_folds_of_its_samples(animals: Dataset) -> None:
    folds = folds_of(Shown(animals).state(), "official")
    assert (folds["test/cat/000"], folds["train/cat/000"]) == (("test",), ("train",))
