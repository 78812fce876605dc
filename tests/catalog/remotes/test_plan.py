"""Where files of a version go, and what must be kept before the tree changes."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.remotes.layout import object_path, sealed
from catalog.remotes.plan import ROOT, Plan, Published, Rescue, plan_again, plan_upload

SHARD = "events.zarr/events/t/c/{}"
STATES = st.lists(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=5), max_size=5)


def version(shards: list[str]) -> dict[str, str]:
    """Return the files of a version: shards of this content, and a root that differs with them."""
    return {SHARD.format(k): s for k, s in enumerate(shards)} | {ROOT: "".join(shards)}


class Place:
    """Carries plans out as publishing does, with the contents in place of files."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.published: list[Published] = []

    def publish(self, sums: dict[str, str]) -> Plan:
        plan = plan_upload(sums, self.published, is_highest=True)
        self.files |= {object_path(sums[path]): sums[path] for path in plan.objects}
        for rescue in plan.rescues:
            self.files[object_path(rescue.sha256)] = self.files[rescue.path]
        moved = {r.path: (object_path(r.sha256), r.versions) for r in plan.rescues}
        self.published = [
            Published(
                version=one.version,
                sums=one.sums,
                places={
                    **one.places,
                    **{p: place for p, (place, names) in moved.items() if one.version in names},
                },
            )
            for one in self.published
        ]
        self.files |= {path: sums[path] for path in plan.shards}
        self.published.append(
            Published(version=f"{len(self.published)}", sums=sums, places=plan.places)
        )
        self.files |= {path: sums[path] for path in plan.shown}
        return plan


@given(STATES)
def test_every_version_reads_what_it_recorded_whatever_follows(states: list[list[str]]) -> None:
    place = Place()
    for state in states:
        place.publish(version(state))
        for one in place.published:
            found = {path: place.files[one.places.get(path, path)] for path in one.sums}
            assert found == dict(one.sums)
        assert version(state).items() <= place.files.items()  # the tree is the last version's


def test_growth_sends_new_shards_alone_and_rescues_nothing() -> None:
    place = Place()
    place.publish(version(["A", "B"]))
    plan = place.publish(version(["A", "C", "D"]))
    assert plan.shards == [SHARD.format(0), SHARD.format(1)]
    assert plan.rescues == ()
    assert plan.shown[-1] == ROOT


def test_a_rewritten_store_keeps_what_older_versions_read() -> None:
    place = Place()
    place.publish(version(["A", "B", "C"]))
    plan = place.publish(version(["X", "B", "C"]))
    assert plan.rescues == (Rescue(path=SHARD.format(0), sha256="A", versions=("0",)),)


def test_a_lower_version_leaves_the_tree_alone() -> None:
    above = Published(version="2.0.0", sums=version(["A", "B", "C"]), places={})
    plan = plan_upload(version(["A", "Z", "Y"]), [above], is_highest=False)
    assert (plan.shards, plan.shown, plan.rescues) == ([SHARD.format(0)], (), ())
    assert SHARD.format(1) in plan.objects


def test_what_only_git_looks_at_is_not_shown() -> None:
    plan = plan_upload({".gitattributes": "A", "README.md": "B"}, [], is_highest=True)
    assert plan.objects == [".gitattributes", "README.md"]
    assert plan.shown == ["README.md"]


def test_a_version_that_is_there_already_keeps_its_places() -> None:
    sums = version(["A", "B"])
    first = plan_upload(sums, [], is_highest=True)
    again = plan_again(sums, first.places, is_highest=True)
    assert (again.objects, again.shards, again.shown) == (first.objects, first.shards, first.shown)
    assert set(again.shards) == sealed(sums)
