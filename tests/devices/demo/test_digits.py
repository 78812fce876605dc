import builtins
import zipfile
from pathlib import Path

import numpy as np
import pytest

from devices.demo.digits import load_digits, record_digit, write_digit_archives
from eventstore.errors import InvalidInput, MissingExtra
from eventstore.readers import iter_sources, read_source


def test_archives_read_like_recorded_ones(tmp_path: Path) -> None:
    train, test = write_digit_archives(tmp_path, n_digits=60)
    items = [*iter_sources(train), *iter_sources(test)]
    _, labels = load_digits()
    assert {int(i.recording_id.split("/")[2]): int(i.label or -1) for i in items} == dict(
        enumerate(labels[:60])
    )
    assert {i.fold for i in items} == {"train", "test"}
    events = read_source(items[0].open()).load()
    assert 1_000 < len(events) < 20_000
    assert events.t[0] >= 0
    assert events.t[-1] <= 300_000
    assert 0.3 < events.p.mean() < 0.7  # what turns on turns off again


def test_every_class_is_tested_on_a_fifth_of_its_digits(tmp_path: Path) -> None:
    train, test = write_digit_archives(tmp_path, n_digits=100)
    counts = [sum(1 for _ in iter_sources(path)) for path in (train, test)]
    assert sum(counts) == 100
    assert {i.label for i in iter_sources(test)} == set("0123456789")
    assert 14 <= counts[1] <= 20


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    first, again, other = (
        [p.read_bytes() for p in write_digit_archives(tmp_path / name, n_digits=50, seed=seed)]
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert first == again
    assert first != other


def test_one_digit_depends_on_its_own_seed_only() -> None:
    image = load_digits()[0][0]
    assert record_digit(image, (0, 1)) == record_digit(image, (0, 1))
    assert record_digit(image, (0, 1)) != record_digit(image, (0, 2))


def test_too_few_digits_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="n_digits=10"):
        write_digit_archives(tmp_path, n_digits=10)
    assert list(tmp_path.iterdir()) == []


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: object, **more: object) -> object:
        if name.startswith("sklearn"):
            message = "No module named 'sklearn'"
            raise ImportError(message)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtra) as caught:
        load_digits()
    assert "spikelake[demo]" in caught.value.hint


def test_members_are_stamped_alike_on_every_machine(tmp_path: Path) -> None:
    train, _ = write_digit_archives(tmp_path, n_digits=50)
    with zipfile.ZipFile(train) as archive:
        assert {m.date_time for m in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert np.all([m.file_size % 5 == 0 for m in archive.infolist()])
