import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from devices.demo.facts import ChipFacts, DataFacts, DemoFacts, Example, SeedFacts
from devices.demo.page import report_page


def make_facts(*, simulated: bool = True, hostile: str = "3") -> DemoFacts:
    rng = np.random.default_rng(1)
    names = tuple("0123456789")
    epochs = [
        {"epoch": e, "train_loss": 2.0 / (e + 1), "held_out_accuracy": 1 - 0.8 / (e + 1)}
        for e in range(6)
    ]
    runs = [
        SeedFacts(
            seed=seed, epochs=epochs, best_epoch=4, test_accuracy=0.96, chip_accuracy=0.95,
            seconds=31.0,
        )
        for seed in (0, 1, 2)
    ]  # fmt: skip
    counts = rng.poisson(0.4, (3, 2, 34, 34)).astype(np.uint8)
    return DemoFacts(
        data=DataFacts(
            name="digits", simulated=simulated, reference="digits@1.0.0/split:official#abc",
            folder="out/digits", n_recordings=1797, n_events=7_400_000, source_bytes=37_000_000,
            stored_bytes=14_000_000,
            fold_counts={f: dict.fromkeys(names, 36) for f in ("train", "test")},
        ),
        label_names=names,
        recipe="nmnist-conv",
        runs=runs,
        confusion=(np.eye(10) * 10 + rng.integers(0, 2, (10, 10))).astype(np.int64),
        examples=[
            Example(sample_id=f"Test/{n}/1#0-300000", label=n, predicted=hostile, counts=counts)
            for n in names
        ],
        chip=ChipFacts(
            chip="speck2f",
            layers=[{"layer": "conv1", "core": 0, "kernel words": 512, "spikes": 1024.5}],
            findings=[{"severity": "warning", "where": "conv1", "message": "a < b", "fix": "c"}],
            agreement=0.99, config_file="out/chip.json",
        ),
        seconds={"ingest": 1.0, "train": 60.0},
        versions={"spikelake": "0.1.0"},
    )  # fmt: skip


class Outline(HTMLParser):
    """Collects what the checks below look at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.images_without_alt = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "img":
            self.images_without_alt += not named.get("alt")
        self.sources += [v or "" for k, v in attrs if k in {"src", "href", "xlink:href"}]


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    return parser


def test_the_page_loads_nothing_from_elsewhere_and_names_its_pictures() -> None:
    found = outline(report_page(make_facts()))
    assert [s for s in found.sources if not s.startswith(("data:image/png;base64,", "#"))] == []
    assert found.images_without_alt == 0


def test_the_page_says_when_the_recordings_are_simulated() -> None:
    assert "are <b>simulated</b>" in report_page(make_facts())
    assert "<b>simulated</b>" not in report_page(make_facts(simulated=False))


def test_text_from_data_is_escaped() -> None:
    page = report_page(make_facts(hostile="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "a &lt; b" in page


def test_the_headline_shows_the_means_over_seeds() -> None:
    page = report_page(make_facts())
    assert "<b>96.0 %</b><span>test accuracy, float</span>" in page
    assert "<b>95.0 %</b><span>on the simulated chip</span>" in page
    assert "<b>+1.0</b><span>points lost to the chip</span>" in page


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_the_page_renders_without_errors_or_overflow(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    path = tmp_path / "report.html"
    path.write_text(report_page(make_facts()), encoding="utf-8")
    for width in (360, 1280):
        page = browser.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(path.as_uri())
        assert said == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        drawn = "[...document.images].every(i => i.complete && i.naturalWidth > 0)"
        assert page.evaluate(drawn)
        page.close()
