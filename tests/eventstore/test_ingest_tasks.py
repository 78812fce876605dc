"""The tasks of an ingest: what they find, and that a changed file is noticed."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from eventstore.codecs import codecs_of, decode_chunk
from eventstore.digest import logical_digest
from eventstore.errors import Conflict, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.incoming import ReadOptions
from eventstore.ingest_tasks import (
    EncodeTask,
    Failed,
    Skipped,
    Span,
    Surveyed,
    SurveyTask,
    encode,
    survey,
)
from eventstore.readers import SourceItem, iter_sources
from eventstore.writers.atis import write_atis

SENSOR = Sensor(34, 34)
EVENTS = [Events.of(t=range(k, 40), x=range(k, 40)) for k in (6, 7, 8)]


@pytest.fixture
def items(tmp_path: Path) -> list[SourceItem]:
    """Return three recordings of 34, 33 and 32 events."""
    for k, events in enumerate(EVENTS):
        write_atis(tmp_path / f"{k}.bin", replace(events, x=events.x % 34))
    return list(iter_sources(tmp_path))


def task(items: list[SourceItem], **changes: object) -> SurveyTask:
    whole = SurveyTask(
        items=tuple(items), known={}, store=SENSOR, options=ReadOptions(sensor=SENSOR)
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_a_survey_says_what_the_table_has_to_know(items: list[SourceItem]) -> None:
    found = survey(pickle.loads(pickle.dumps(task(items))))
    assert pickle.loads(pickle.dumps(found)) == found
    for outcome, item in zip(found, items, strict=True):
        assert isinstance(outcome, Surveyed)
        source = item.open()
        events = Events.concatenate([EVENTS[int(item.recording_id)]])
        events.x[:] %= 34
        assert outcome.row.n_events == len(events)
        assert outcome.row.t_stop == 40
        assert outcome.row.digest == logical_digest(events, SENSOR)
        assert outcome.row.source_sha256 == source.sha256()
        assert outcome.provenance == {
            "source": f"{items[0].path.parent.name}/{item.path.name}",
            "reader": "atis",
        }
        assert outcome.stamp == item.stamp()
        assert not outcome.has_side


def test_a_survey_ends_at_the_first_that_fails(items: list[SourceItem]) -> None:
    write_atis(items[1].path, Events.of(t=[9, 3], x=[1, 1]))
    first, failed = survey(task(items))
    assert isinstance(first, Surveyed)
    assert isinstance(failed, Failed)
    assert failed.error.message.startswith(items[1].name)
    assert "time runs backwards from 9 to 3" in failed.error.message
    repaired = survey(task(items, options=ReadOptions(sensor=SENSOR, repairs=("sort",))))
    assert [type(outcome) for outcome in repaired] == [Surveyed] * 3
    (audio,) = survey(task(items, store=Sensor.audio(64)))
    assert isinstance(audio, Failed)
    assert isinstance(audio.error, InvalidInput)


def test_recordings_that_are_known_are_only_summed(items: list[SourceItem]) -> None:
    known = {item.recording_id: item.open().sha256() for item in items}
    assert survey(task(items, known=known)) == [Skipped()] * 3
    (conflict,) = survey(task(items, known={"0": bytes(32)}))
    assert isinstance(conflict, Failed)
    assert isinstance(conflict.error, Conflict)


def encode_task(tmp_path: Path, spans: list[Span]) -> EncodeTask:
    return EncodeTask(
        spans=tuple(spans),
        first_row=3,
        options=ReadOptions(sensor=SENSOR),
        staged=tmp_path / "staged",
        chunk=8,
        columns=SENSOR.columns,
        tier="archive",
    )


def test_spans_of_recordings_are_encoded_end_to_end(
    items: list[SourceItem], tmp_path: Path
) -> None:
    bounds = [(30, 34), (0, 33), (0, 2)]
    spans = [
        Span(item=item, stamp=item.stamp(), start=start, stop=stop)
        for item, (start, stop) in zip(items, bounds, strict=True)
    ]
    staged = encode(pickle.loads(pickle.dumps(encode_task(tmp_path, spans))))
    t = staged.head.t.tolist()
    for chunks, _ in staged.chunks():
        values = Events.empty(8).t
        decode_chunk(codecs_of("archive")["t"], chunks["t"], values)
        t += values.tolist()
    t += staged.rest.t.tolist()
    assert t == [*range(36, 40), *range(7, 40), 8, 9]


@pytest.mark.parametrize("stop", [34, 35])
def test_a_file_that_changed_since_it_was_surveyed_is_noticed(
    items: list[SourceItem], tmp_path: Path, stop: int
) -> None:
    span = Span(item=items[0], stamp=items[0].stamp(), start=0, stop=stop)
    if stop == 34:
        write_atis(items[0].path, EVENTS[1])
    with pytest.raises(Conflict, match=r"0\.bin was written to while it was ingested"):
        encode(encode_task(tmp_path, [span]))
    assert not (tmp_path / "staged").exists()
