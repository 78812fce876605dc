"""Ingest on several processes or machines, to the very bytes that one process writes.

    this process    list ─ survey ─ plan ─ encode ─ take up, publish
    workers                   └ decode, check, sum     └ decode, encode, stage

Only this process holds the store's lock and writes in its tables; workers read the sources and put
encoded chunks into the store's folder under names that are swept up after a kill. So sources and
store must be at the same paths for all of them. A task may be run twice or lost: what it gives
does not depend on it. After a kill of this process ``resume`` goes on with what was published.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from eventstore.durable import PARTIAL
from eventstore.incoming import ReadOptions, read_incoming
from eventstore.ingest_plan import Failure, Group, Step, plan_groups, plan_surveys
from eventstore.ingest_run import IngestRun
from eventstore.ingest_tasks import EncodeTask, Outcome, Span, SurveyTask, encode, survey
from eventstore.readers.source_item import SourceItem
from eventstore.side import SideTable
from eventstore.staged_events import StagedEvents
from eventstore.workers import Job, Workers, ahead


class DistributedIngest:
    """An ingest whose decoding and encoding is done by workers.

    Args:
        run: the ingest, with the store being written.
        workers: what runs the tasks.
        options: how to read the recordings.
    """

    def __init__(self, run: IngestRun, workers: Workers, options: ReadOptions) -> None:
        self._run = run
        self._workers = workers
        self._options = options
        self._store: Path = run.writer.path
        self._name = f".ingest-{os.urandom(6).hex()}"
        self._next_row = run.writer.n_events
        self._n_staged = 0

    def take_all(self, items: Sequence[SourceItem]) -> None:
        """Append recordings, in order, or skip those that are there.

        Raises:
            SpikelakeError: as an ingest in this process; or workers died again and again.
        """
        # Workers may have another current folder.
        items = [replace(item, path=item.path.absolute()) for item in items]
        begun = ahead(self._begin(plan_groups(self._survey(items))), self._workers.window)
        try:
            for step, job in begun:
                if isinstance(step, Failure):
                    with self._run.keeping(step.item):
                        raise step.failed.error
                others = (next(begun)[1] for _ in step.pieces[1:])
                self._take(step, chain([job], others))
        finally:
            self._workers.drain()
            for staged in self._store.glob(f"{self._name}-*"):
                staged.unlink(missing_ok=True)

    def _survey(self, items: Sequence[SourceItem]) -> Iterator[tuple[SourceItem, Outcome]]:
        """Look at recordings ahead of their being stored."""
        jobs = (self._workers.submit(survey, task) for task in self._survey_tasks(items))
        found = (self._workers.result(job) for job in ahead(jobs, self._workers.window))
        # A survey ends where it fails, and so does everything behind it.
        return zip(items, chain.from_iterable(found), strict=False)

    def _survey_tasks(self, items: Sequence[SourceItem]) -> Iterator[SurveyTask]:
        writer = self._run.writer
        known = set(writer.recording_ids)
        for batch in plan_surveys(items):
            ids = [item.recording_id for item in batch if item.recording_id in known]
            yield SurveyTask(
                items=batch,
                known={name: writer.row(name).source_sha256 for name in ids},
                store=writer.sensor,
                options=self._options,
            )

    def _begin(self, steps: Iterator[Step]) -> Iterator[tuple[Step, Job[StagedEvents] | None]]:
        """Let pieces be encoded; each comes with its group, which comes once without any too."""
        for step in steps:
            if isinstance(step, Failure) or not step.pieces:
                yield step, None
                continue
            for spans in step.pieces:
                yield step, self._workers.submit(encode, self._encode_task(spans))

    def _encode_task(self, spans: tuple[Span, ...]) -> EncodeTask:
        writer, first_row = self._run.writer, self._next_row
        self._next_row += sum(span.stop - span.start for span in spans)
        self._n_staged += 1
        return EncodeTask(
            spans=spans,
            first_row=first_row,
            options=self._options,
            staged=self._store / f"{self._name}-{self._n_staged}{PARTIAL}",
            chunk=writer.layout.chunk_events,
            columns=writer.sensor.columns,
            tier=writer.tier,
        )

    def _take(self, group: Group, jobs: Iterable[Job[StagedEvents] | None]) -> None:
        """Append a group's recordings."""
        if group.members:
            first, found = group.members[0]
            with self._run.keeping_whole():
                self._run.writer.append_encoded(
                    [(each.row, each.provenance) for _, each in group.members],
                    self._staged(jobs),
                    side=self._side(first) if found.has_side else None,
                )
        for _, found in group.members:
            self._run.add(found.row.n_events, found.provenance, found.findings)
        self._run.skip(group.n_skipped)
        self._run.settle()

    def _staged(self, jobs: Iterable[Job[StagedEvents] | None]) -> Iterator[StagedEvents]:
        for job in jobs:
            if job is not None:
                staged = self._workers.result(job)
                yield staged
                staged.discard()

    def _side(self, item: SourceItem) -> dict[str, Iterator[SideTable]]:
        side = read_incoming(item, self._options).side
        return {kind: tables() for kind, tables in side.items()}
