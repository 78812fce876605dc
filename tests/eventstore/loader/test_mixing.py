"""Samples mixed of two: by hand, event by event, against what mixers and loaders do."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Float64, UInt64

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.loader import CutMix, EventMix
from eventstore.loader.mixing import (
    MIXERS,
    LabelBy,
    Mixer,
    Regions,
    check_mixer,
    mix,
    mixer_from_dict,
    mixer_to_dict,
    mixer_to_json,
    soft_labels,
)
from eventstore.transforms import EventBatch, RandomKey

SENSOR = Sensor(7, 5)
KEY = RandomKey(seed=2, epoch=1)

Row = tuple[int, int, int, int]


def random_batch(seed: int, sizes: list[int], sensor: Sensor = SENSOR) -> EventBatch:
    """Return samples of so many events, in windows of unlike starts and lengths."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, 1_000, len(sizes))
    stops = starts + rng.integers(1, 60, len(sizes))
    samples = [
        Events.of(
            t=np.sort(rng.integers(start, stop, n)),
            x=rng.integers(0, sensor.width, n),
            y=rng.integers(0, sensor.height, n),
            p=rng.integers(0, 2, n),
        )
        for n, start, stop in zip(sizes, starts, stops, strict=True)
    ]
    ids = [f"r{i}#{a}-{b}" for i, (a, b) in enumerate(zip(starts, stops, strict=True))]
    return EventBatch.of(samples, t_start=starts, t_stop=stops, ids=ids)


batches = st.builds(
    random_batch, st.integers(0, 999), st.lists(st.sampled_from([0, 1, 2, 40]), min_size=1)
)

mixers = st.one_of(
    st.builds(
        CutMix,
        probability=st.sampled_from([0.0, 0.5, 1.0]),
        alpha=st.sampled_from([0.1, 1.0, 4.0]),
        in_time=st.booleans(),
        label_by=st.sampled_from(["region", "events"]),
    ),
    st.builds(
        EventMix,
        probability=st.sampled_from([0.0, 0.5, 1.0]),
        alpha=st.sampled_from([0.1, 1.0, 4.0]),
        n_gaussians=st.integers(1, 4),
        label_by=st.sampled_from(["region", "events"]),
    ),
)


def rows(batch: EventBatch, b: int) -> list[Row]:
    t, x, y, p = (column.tolist() for column in batch.sample(b))
    return list(zip(t, x, y, p, strict=True))


def mixed_by_hand(batch: EventBatch, regions: Regions, b: int) -> list[Row]:
    """Return a sample's events: its own outside, and those of the sample before inside."""
    start = batch.offsets.tolist()
    own = [row for i, row in enumerate(rows(batch, b)) if not regions.leaves[start[b] + i]]
    if b == 0:
        return own
    shift = int(batch.t_start[b] - batch.t_start[b - 1])
    other = [
        (t + shift, x, y, p)
        for i, (t, x, y, p) in enumerate(rows(batch, b - 1))
        if regions.enters[start[b - 1] + i]
    ]
    return sorted(own + other, key=lambda row: row[0])  # stable: a sample's own come first


@dataclass(frozen=True, slots=True, kw_only=True)
class Coins:
    """Tosses a coin for each event, whatever the windows."""

    label_by: LabelBy = "events"

    def regions(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> Regions:
        rng = np.random.default_rng(seeds)
        n = len(batch.events)
        leaves, enters = rng.random((2, n)) < 0.5
        leaves[: batch.offsets[1]] = False
        duration: np.ndarray = batch.t_stop - batch.t_start
        for b in range(1, len(batch)):
            other = slice(batch.offsets[b - 1], batch.offsets[b])
            enters[other] &= batch.events.t[other] - batch.t_start[b - 1] < duration[b]
        return Regions(leaves, enters, np.full(len(batch), 0.25))


@given(batches, st.one_of(mixers, st.just(Coins())), st.sampled_from([0, 1]))
def test_each_event_is_of_one_parent_by_the_region(
    batch: EventBatch, mixer: Mixer, lead: int
) -> None:
    before = [column.copy() for column in batch.events]
    lead = min(lead, len(batch) - 1)
    regions = mixer.regions(batch, SENSOR, KEY.seeds(batch.ids, stage=-1))
    mixed, share = mix(batch, mixer, SENSOR, KEY, lead=lead)
    assert mixed.ids == batch.ids[lead:]
    assert mixed.t_start.tolist() == batch.t_start[lead:].tolist()
    assert mixed.t_stop.tolist() == batch.t_stop[lead:].tolist()
    for b in range(lead, len(batch)):
        assert rows(mixed, b - lead) == mixed_by_hand(batch, regions, b)
        t = mixed.sample(b - lead).t
        assert np.all((t >= batch.t_start[b]) & (t < batch.t_stop[b]))
    assert np.all((share >= 0) & (share <= 1))
    assert all(np.array_equal(a, b) for a, b in zip(before, batch.events, strict=True))


@given(batches, mixers)
def test_the_first_stays_as_it_is(batch: EventBatch, mixer: Mixer) -> None:
    mixed, share = mix(batch, mixer, SENSOR, KEY)
    assert mixed.sample(0).equals(batch.sample(0))
    assert share[0] == 0


@given(batches, mixers)
def test_a_sample_depends_on_itself_and_its_partner_alone(batch: EventBatch, mixer: Mixer) -> None:
    mixed, share = mix(batch, mixer, SENSOR, KEY)
    for b in range(1, len(batch)):
        pair = EventBatch.of(
            [batch.sample(b - 1), batch.sample(b)],
            t_start=batch.t_start[b - 1 : b + 1],
            t_stop=batch.t_stop[b - 1 : b + 1],
            ids=batch.ids[b - 1 : b + 1],
        )
        alone, its = mix(pair, mixer, SENSOR, KEY, lead=1)
        assert alone.events.equals(mixed.sample(b))
        assert its.tolist() == [share[b]]


@given(batches)
def test_shares_by_events_are_those_of_the_paper(batch: EventBatch) -> None:
    regions = Coins().regions(batch, SENSOR, KEY.seeds(batch.ids, stage=-1))
    _, share = mix(batch, Coins(), SENSOR, KEY)
    for b in range(1, len(batch)):
        own = regions.leaves[batch.offsets[b] : batch.offsets[b + 1]]
        other = regions.enters[batch.offsets[b - 1] : batch.offsets[b]]
        kept = 1 - own.mean() if len(own) else 0.0
        entered = other.mean() if len(other) else 0.0
        expected = entered / (kept + entered) if entered else 0.0
        assert share[b] == pytest.approx(expected)


def test_shares_by_region_are_the_regions() -> None:
    batch = random_batch(0, [3, 3, 0])
    _, share = mix(batch, Coins(label_by="region"), SENSOR, KEY, lead=1)
    assert share.tolist() == [0.25, 0.25]


@given(batches, st.integers(1, 9))
def test_nothing_is_mixed_with_probability_0(batch: EventBatch, seed: int) -> None:
    for mixer in (CutMix(probability=0), EventMix(probability=0)):
        mixed, share = mix(batch, mixer, SENSOR, RandomKey(seed=seed))
        assert mixed.events.equals(batch.events)
        assert not share.any()


def test_a_probability_is_how_many_are_mixed() -> None:
    batch = random_batch(3, [20] * 800)
    for kind in (CutMix, EventMix):
        regions = kind(probability=0.3, alpha=8).regions(
            batch, SENSOR, KEY.seeds(batch.ids, stage=-1)
        )
        assert abs(np.count_nonzero(regions.share) / 799 - 0.3) < 5 * (0.3 * 0.7 / 799) ** 0.5


def test_regions_are_others_in_another_epoch_and_of_another_seed() -> None:
    batch = random_batch(4, [40, 40, 40])
    for mixer in (CutMix(), EventMix()):
        keys = [RandomKey(), RandomKey(epoch=1), RandomKey(seed=1)]
        shares = [mix(batch, mixer, SENSOR, key)[1].tolist() for key in keys]
        assert len(set(map(tuple, shares))) == 3


def test_events_off_the_sensor_are_named() -> None:
    batch = random_batch(0, [3, 3])
    for mixer in (CutMix(), EventMix()):
        with pytest.raises(InvalidInput, match=r"of sample 'r\d.*off the sensor of 2×2 pixels"):
            mix(batch, mixer, Sensor(2, 2), KEY)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=6),
    st.sampled_from([0, 1]),
    st.integers(0, 99),
)
def test_soft_labels_sum_to_one(labels: list[int], lead: int, seed: int) -> None:
    lead = min(lead, len(labels) - 1)
    share: Float64[np.ndarray, " b"] = np.random.default_rng(seed).random(len(labels) - lead)
    soft = soft_labels(np.array(labels), share, 4)
    assert soft.dtype == np.float32
    assert np.allclose(soft.sum(1), 1)
    for row, part, i in zip(soft, share.tolist(), range(lead, len(labels)), strict=True):
        own, before = labels[i], labels[i - 1] if i else labels[i]
        expected = np.zeros(4)
        expected[own] += 1 - part
        expected[before] += part
        assert np.allclose(row, expected)


@pytest.mark.parametrize("name", MIXERS)
def test_plain_values_give_a_mixer_back(name: str) -> None:
    mixer = mixer_from_dict({"mixer": name, "probability": 0.25})
    assert type(mixer) is MIXERS[name]
    again = mixer_from_dict(mixer_to_dict(mixer))
    assert again == mixer
    assert mixer_to_json(again) == mixer_to_json(mixer)
    assert mixer_to_json(mixer_from_dict({"mixer": name})) != mixer_to_json(mixer)


def test_identities_of_mixers_never_change() -> None:
    assert mixer_to_json(CutMix(probability=0.5)) == (
        '{"format":1,"stages":[{"alpha":1.0,"in_time":false,"label_by":"region",'
        '"mixer":"CutMix","probability":0.5}]}'
    )
    assert mixer_to_json(EventMix(probability=0.5)) == (
        '{"format":1,"stages":[{"alpha":1.0,"label_by":"events","mixer":"EventMix",'
        '"n_gaussians":3,"probability":0.5}]}'
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("EventMix", "a mix is a mixer with its fields, not 'EventMix'"),
        ({"probability": 1}, "names no mixer"),
        ({"mixer": "CutMix", "probability": 2}, r"CutMix\(probability=2\) is outside 0"),
        ({"mixer": "CutMix", "alpha": 0}, r"CutMix\(alpha=0\) is outside 0\.001"),
        ({"mixer": "CutMix", "in_time": 1}, r"CutMix\(in_time=1\) is none of the choices"),
        ({"mixer": "EventMix", "n_gaussians": 0}, r"EventMix\(n_gaussians=0\) is out of range"),
        ({"mixer": "EventMix", "label_by": "x"}, "label_by='x'"),
    ],
)
def test_what_is_wrong_with_a_mix_is_said(fields: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        mixer_from_dict(fields)


def test_typos_are_answered() -> None:
    with pytest.raises(NotFound) as caught:
        mixer_from_dict({"mixer": "EventMx"})
    assert caught.value.hint == "did you mean 'EventMix'?"
    with pytest.raises(NotFound, match="no field of CutMix 'probabilit'") as caught:
        mixer_from_dict({"mixer": "CutMix", "probabilit": 1})
    assert caught.value.hint == "did you mean 'probability'?"


@pytest.mark.parametrize("thing", [0.5, "EventMix", EventMix])
def test_what_is_no_mixer_is_refused(thing: object) -> None:
    with pytest.raises(InvalidInput, match="is no mixer") as caught:
        check_mixer(thing)
    assert caught.value.hint == "give a value such as EventMix(probability=0.5)"
