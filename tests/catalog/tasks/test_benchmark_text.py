"""The page of a card says what the card says."""

from catalog.reference import Reference
from catalog.tasks.benchmark import make_card
from catalog.tasks.benchmark_text import card_page
from catalog.tasks.record import TaskPart, TaskRecord
from catalog.tasks.result import Result

PART = TaskPart(dataset="a", split="s", split_digest="ab" * 32, labels="", recordings="")


def test_the_page_names_task_digests_runs_and_code() -> None:
    task = TaskRecord(name="t", parts=(PART,), classes=("cat", "dog")).frozen()
    cited = Reference(name="a", version="1.0.0", task="t", digest=task.digest[:16])
    model = {"name": "net|2", **{f"setting{k}": k for k in range(20)}}
    results = [
        Result(
            task=str(cited),
            seed=s,
            round=r,
            model=model,
            confusion=[[9, s], [0, 5]],
            code={"commit": "c0de"},
        )
        for s in (0, 1)
        for r in ("fold0", "fold1")
    ]
    card = make_card(task, cited, results, rounds=("fold0", "fold1"), date="2026-01-01")
    page = card_page(card)
    assert page.startswith(f"# net|2 on {cited}\n\n**accuracy: 0.9667 ± 0.0471 (sd of 2; 95 % CI")
    assert "Over rounds of the cross-validation: 0.9667" in page
    for said in (task.digest, card.digest, "ab" * 32, "| `c0de` |", "| fold1 | 1 | 0.9333 |"):
        assert said in page
    assert "8 further settings in benchmark.json" in page
    assert "transforms | not stated" in page
