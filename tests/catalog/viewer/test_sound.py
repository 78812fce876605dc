"""The sound of a recording is given to whoever may hear it: whole, in parts, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.dataset import Dataset
from catalog.intake import Intake, list_intake
from catalog.viewer import sound
from catalog.viewer.shown import Shown
from catalog.viewer.site import write_site
from catalog.viewer.site_recordings import SiteOptions
from catalog.viewer.sound import Sounds, part_of
from tests.catalog.sources.conftest import NAMES, wav
from tests.catalog.viewer.asking import Asker
from tests.catalog.viewer.browser import Tab, browser, serving

ADDRESS = "/api/sound?recording=one/ann_0"


@pytest.fixture
def spoken(tmp_path: Path, empty: Dataset) -> Iterator[tuple[Dataset, Intake]]:
    for seed, name in enumerate(NAMES[:2]):
        file = tmp_path / "words" / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wav(seed))
    intake = list_intake([tmp_path / "words"], reader=None, labels=True, folds=True)
    empty.ingest_intake(intake)
    yield empty, intake
    empty.draft().close()


def test_only_what_is_kept_and_sound_is_sent(
    spoken: tuple[Dataset, Intake], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, intake = spoken
    asker = Asker(Shown(dataset))
    told = asker.get("/api/recording?recording=one/ann_0").json()["sound"]
    assert told["n_bytes"] == 0
    assert "does not keep" in told["problem"]
    answer = asker.get(ADDRESS)
    assert answer.status == 404
    assert "--keep-sources" in answer.json()["hint"]
    dataset.keep_sources(intake)
    told = asker.get("/api/recording?recording=one/ann_0").json()["sound"]
    assert told == {"n_bytes": len(wav(0)), "problem": ""}
    answer = asker.get(ADDRESS)
    assert (answer.body, answer.headers["content-type"]) == (wav(0), "audio/wav")
    part = asker.get(ADDRESS, headers=[(b"range", b"bytes=4-99")])
    assert (part.status, part.body) == (206, wav(0)[4:100])
    assert part.headers["content-range"] == f"bytes 4-99/{len(wav(0))}"
    none = asker.get(ADDRESS, headers=[(b"range", b"bytes=1644-,2-3")])
    assert (none.status, none.headers["content-range"]) == (416, f"bytes */{len(wav(0))}")
    assert asker.get(ADDRESS, headers=[(b"authorization", b"Bearer x")]).status == 401
    assert asker.get("/api/sound?recording=../../etc/passwd").status == 404
    pack = dataset.root / "sources/0000.zip"
    pack.write_bytes(pack.read_bytes().replace(wav(1)[200:300], bytes(100)))
    broken = asker.get("/api/sound?recording=one/bob_0")
    assert broken.status == 500
    assert broken.json()["error"] == "integrity"
    monkeypatch.setattr(sound, "MAX_SOUND", 1_000)
    assert asker.get(ADDRESS).status == 400
    (dataset.root / "sources.tsv").write_text("x\n")
    told = asker.get("/api/recording?recording=one/ann_0").json()["sound"]
    assert "not a table of sources" in told["problem"]


def test_what_is_kept_in_memory_has_a_bound(spoken: tuple[Dataset, Intake]) -> None:
    dataset, intake = spoken
    dataset.keep_sources(intake)
    state, sounds = Shown(dataset).state(), Sounds(len(wav(0)))
    for name in (*NAMES[:2], NAMES[0]):
        assert sounds.of(state, name) == wav(NAMES.index(name))
    assert sum(map(len, sounds.kept)) <= len(wav(0))


def test_what_is_seen_follows_what_is_heard(
    spoken: tuple[Dataset, Intake], tmp_path: Path, any_server: str
) -> None:
    dataset, intake = spoken
    dataset.keep_sources(intake)
    write_site(Shown(dataset), tmp_path / "site", SiteOptions(sound=True))
    with browser() as opened, serving(Shown(dataset)) as url:
        base, _, token = url.partition("#")
        for address in (
            f"{base}player?recording=one/ann_0#{token}",
            f"{any_server}/site/player.html?recording=one/ann_0",
        ):
            tab = Tab(opened)
            tab.page.goto(address)
            tab.page.wait_for_selector("body[data-ready][data-t]")
            tab.page.get_by_label("Speed").select_option("0.1")
            tab.page.get_by_role("button", name="Loop").press("Enter")  # it lasts 0.1 s
            tab.page.get_by_role("button", name="Play").press("Enter")
            tab.until("Number(document.body.dataset.heard) > 0")
            assert tab.page.evaluate("document.body.dataset.sound") == "0.1"
            tab.until("Number(document.body.dataset.t) > 10000")
            tab.page.keyboard.press("s")
            assert not tab.page.get_by_label("Sound").is_checked()
            tab.page.keyboard.press("s")
            tab.page.get_by_label("Speed").select_option("0.01")
            tab.page.get_by_text("Silent at this speed.").wait_for()
            assert tab.nameless() == []
            assert tab.errors == []
            tab.page.close()


@given(size=st.integers(0, 50), first=st.integers(0, 60), last=st.integers(0, 60))
def test_a_part_is_that_of_a_slice(size: int, first: int, last: int) -> None:
    whole = bytes(range(size))
    for text, expected in (
        (f"bytes={first}-{last}", whole[first : last + 1]),
        (f"bytes={first}-", whole[first:]),
        (f"bytes=-{last}", whole[size - min(last, size) :]),
    ):
        part = part_of(size, text)
        assert (b"" if part is None else whole[slice(*part)]) == expected


@given(st.text(alphabet="bytes=-,0123456789 ٣\x00ab"))
def test_no_text_gives_more_than_there_is(text: str) -> None:
    part = part_of(20, text)
    assert part is None or 0 <= part[0] < part[1] <= 20
