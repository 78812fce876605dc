"""Samples of different datasets and roles that share events."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.intervals import Label
from catalog.tasks.overlap import RoleSample, role_samples, shared_content

SAMPLES = st.builds(
    lambda role, dataset, start, length, digest: RoleSample(
        role, dataset, Label(f"{dataset}-{digest}", start, start + length, "x"), digest
    ),
    st.sampled_from(["train", "test"]),
    st.sampled_from(["a", "b"]),
    st.integers(0, 20),
    st.integers(1, 9),
    st.sampled_from(["d1", "d2"]),
)


@given(st.lists(SAMPLES, max_size=12))
def test_pairs_are_those_that_overlap(samples: list[RoleSample]) -> None:
    expected = 0
    for one, other in combinations(samples, 2):
        apart = one.role == other.role or one.dataset == other.dataset
        latest = max(one.label.t_start_us, other.label.t_start_us)
        earliest = min(one.label.t_stop_us, other.label.t_stop_us)
        expected += not apart and one.digest == other.digest and latest < earliest
    assert len(list(shared_content(samples))) == expected


def test_only_samples_with_a_role_count() -> None:
    labels = {"r#0-9": Label("r", 0, 9, "x"), "s#0-9": Label("s", 0, 9, "x")}
    folds = {"r#0-9": "train", "s#0-9": "spare"}
    found = list(role_samples("a", folds, labels, {"r": "d1", "s": "d2"}, {"train": "train"}))
    assert found == [RoleSample("train", "a", labels["r#0-9"], "d1")]
