import pytest

from eventstore import doctor_trial as trial
from eventstore.events import Events
from eventstore.findings import Severity


def test_a_store_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "N_EVENTS", 10_000)
    (found,) = trial.check_store()
    assert found.severity == Severity.INFO
    assert "and all equal" in found.message


def test_one_changed_event_is_an_error() -> None:
    written = trial._events(100)
    p = written.p.copy()
    p[50] ^= 1
    found = trial.judge(written, Events.of(t=written.t, x=written.x, y=written.y, p=p), "")
    assert found.is_error
    assert found.message == "p of 100 events came out changed"
