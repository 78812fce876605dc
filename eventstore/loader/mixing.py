"""Mixing: training samples made of two, with labels to match.

A sample is mixed with the one before it in the order of the epoch, after the stages from events to
events and before frames are made. That order is one for all ranks, workers and batch sizes, and a
region is a function of (seed, epoch, sample id): so are the mixed samples. See docs/adr/0018.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt64

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.loader.merging import count, merge
from eventstore.registry import Entry, Registry
from eventstore.stage_json import StageJson
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.randomness import RandomKey

LabelBy: TypeAlias = Literal["region", "events"]

STAGE = -1
"""What regions are drawn as: no stage of any pipeline, so that they share no draws with one."""


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """What of each sample gives way to its partner, the sample before it in the batch.

    Args:
        leaves: which events lie in their own sample's region, and go.
        enters: which lie in the region of the sample after theirs, and come there. The times of two
            samples are counted from the start of each; what then lies after the window of the
            sample mixed into does not come.
        share: share of each sample's window and sensor that its region takes.
    """

    leaves: Bool[np.ndarray, " n"]
    enters: Bool[np.ndarray, " n"]
    share: Float64[np.ndarray, " b"]


def draw_regions(
    draw: Callable[..., None],
    batch: EventBatch,
    sensor: Sensor,
    seeds: UInt64[np.ndarray, " b"],
    settings: tuple[float, ...],
) -> Regions:
    """Return what a kernel draws of a batch.

    Args:
        draw: given the samples (seeds, offsets, starts, stops), the columns t, x, y, the sensor's
            size and the settings, it writes into the three arrays of regions, which hold zeros.
        batch: the samples.
        sensor: what their events lie on.
        seeds: one a sample.
        settings: numbers that the kernel needs.
    """
    n = len(batch.events)
    found = Regions(np.zeros(n, np.bool_), np.zeros(n, np.bool_), np.zeros(len(batch)))
    draw(
        (seeds, batch.offsets, batch.t_start, batch.t_stop),
        batch.events.arrays()[:3],
        (sensor.width, sensor.height),
        settings,
        (found.leaves, found.enters, found.share),
    )
    return found


@runtime_checkable
class Mixer(Protocol):
    """Draws regions; a frozen, keyword-only dataclass of plain fields, as a transform is."""

    @property
    def label_by(self) -> LabelBy:
        """What the partner's share of the label is taken of: the region, or the events kept."""
        ...

    def regions(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> Regions:
        """Return the regions of all samples but the first, which has none before it.

        Args:
            batch: the samples.
            sensor: what their events lie on; all of them do.
            seeds: one a sample, from which all choices are taken.
        """
        ...


MIXERS: Registry[type[Mixer]] = Registry(
    "mixer",
    "spikelake.mixers",
    {
        "CutMix": Entry("eventstore.loader.cut_mix:CutMix"),
        "EventMix": Entry("eventstore.loader.event_mix:EventMix"),
    },
)
"""Names of mixers in JSON and in recipes, which are the names of their classes."""

MIX_FORMAT = 1
"""Part of the identity of all mixers; raised when one comes to mean something else."""

_JSON = StageJson(table=MIXERS, what="mix", key="mixer", format=MIX_FORMAT)


def mixer_to_json(mixer: Mixer) -> str:
    """Return the canonical JSON of a mixer, which is its identity."""
    return _JSON.to_json([mixer])


def mixer_to_dict(mixer: Mixer) -> dict[str, Any]:
    """Return a mixer's name and fields as plain values, as a recipe has them.

    Examples:
        >>> from eventstore.loader.cut_mix import CutMix
        >>> mixer_to_dict(CutMix(probability=0.5))["mixer"]
        'CutMix'
    """
    fields: dict[str, Any] = json.loads(mixer_to_json(mixer))["stages"][0]
    return fields


def mixer_from_dict(fields: object) -> Mixer:
    """Return the mixer that such values describe; fields left out have their defaults.

    Raises:
        InvalidInput: no mixer is named, or a value is out of range.
        NotFound: a mixer of this name is not installed, or has no such field.

    Examples:
        >>> mixer_from_dict({"mixer": "CutMix", "alpha": 0.2}).label_by
        'region'
    """
    if not isinstance(fields, Mapping):
        message = f"a mix is a mixer with its fields, not {fields!r}"
        raise InvalidInput(message, hint='such as mixer = "EventMix", probability = 0.5')
    name = fields.get("mixer")
    known = {"mixer", *signature(MIXERS[name]).parameters} if isinstance(name, str) else set(fields)
    for given in fields:
        if given not in known:
            what = f"field of {name}"
            raise NotFound.among(what, given, known)
    document = {"format": MIX_FORMAT, "stages": [dict(fields)]}
    (mixer,) = _JSON.from_json(json.dumps(document))
    return mixer


def check_mixer(mixer: object) -> None:
    """Refuse what is no mixer.

    Raises:
        InvalidInput: it is none, or the class of one.
    """
    # A class has the attributes of its values, so the protocol alone would let it pass.
    if isinstance(mixer, type) or not isinstance(mixer, Mixer):
        message = f"mix={mixer!r} is no mixer"
        raise InvalidInput(message, hint="give a value such as EventMix(probability=0.5)")


def mix(
    batch: EventBatch,
    mixer: Mixer,
    sensor: Sensor,
    key: RandomKey,
    *,
    lead: int = 0,
    blank: Callable[[int], Events] = Events.blank,
) -> tuple[EventBatch, Float64[np.ndarray, " b"]]:
    """Mix each sample with the one before it, and return them with their partners' share.

    Args:
        batch: neighbours in the order of the epoch. The first is not mixed: it is the first of the
            epoch, or it is there for the second alone.
        mixer: draws what is exchanged.
        sensor: what the events lie on.
        key: randomness of the regions.
        lead: how many samples at the head to leave out of what is returned, 0 or 1.
        blank: gives the table to write into, of so many events.

    Examples:
        >>> from eventstore.loader.cut_mix import CutMix
        >>> e = Events.of(t=range(8), x=range(8))
        >>> pair = EventBatch.of([e, e], t_start=[0, 0], t_stop=[8, 8])
        >>> mixed, share = mix(pair, CutMix(), Sensor(8, 1), RandomKey(seed=3))
        >>> len(mixed.events), share.round(3).tolist()
        (16, [0.0, 0.875])
    """
    check_on_sensor(batch, sensor)
    regions = mixer.regions(batch, sensor, key.seeds(batch.ids, stage=STAGE))
    masks, columns = (regions.leaves, regions.enters), batch.events.arrays()
    counts = count(masks, batch.offsets)
    offsets = np.zeros(len(batch) - lead + 1, np.int64)
    np.cumsum((counts[0] + counts[1])[lead:], out=offsets[1:])
    events = blank(int(offsets[-1]))
    merge(masks, (batch.offsets, batch.t_start), columns, events.arrays(), counts[:, lead:])
    t_start, t_stop = batch.t_start[lead:], batch.t_stop[lead:]
    mixed = EventBatch(events, offsets, t_start, t_stop, batch.ids[lead:])
    share = regions.share if mixer.label_by == "region" else _event_shares(counts)
    return mixed, share[lead:]


def soft_labels(
    label: Int64[np.ndarray, " n"], share: Float64[np.ndarray, " b"], n_classes: int
) -> Float32[np.ndarray, "b k"]:
    """Return labels that are shared between classes, a row a sample that sums to one.

    Args:
        label: class of each sample; of one more than there are shares, where the first is but a
            partner.
        share: what goes to the class of the sample before.
        n_classes: how many classes there are.

    Examples:
        >>> soft_labels(np.array([0, 1, 2]), np.array([0.25, 0.0]), 3).tolist()
        [[0.25, 0.75, 0.0], [0.0, 0.0, 1.0]]
    """
    rows = np.arange(len(share))
    own = rows + len(label) - len(share)
    soft = np.zeros((len(share), n_classes))
    soft[rows, label[own]] = 1 - share
    soft[rows, label[np.maximum(own - 1, 0)]] += share
    return soft.astype(np.float32)


def _event_shares(counts: Int64[np.ndarray, "3 b"]) -> Float64[np.ndarray, " b"]:
    r"""Return the partner's part of the label by the events kept of both.

    With $a$ of the sample's events and $b$ of the partner's, $b / (a + b)$, both as shares of what
    they had (Shen et al. 2023): that one of the two is busier counts for nothing.
    """
    kept, entered, size = counts
    before = np.concatenate([size[:1], size[:-1]])
    a = kept / np.maximum(size, 1)
    b = entered / np.maximum(before, 1)
    share: np.ndarray = np.divide(b, a + b, out=np.zeros_like(b), where=b > 0)
    return share
