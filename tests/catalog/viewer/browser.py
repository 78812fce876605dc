"""A headless browser that looks at the viewer, with all that went wrong in it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from catalog.viewer.serving import Address, Server
from catalog.viewer.shown import Shown

CONTROLS = "button, input:not([type=hidden]), select, textarea, a[href], [role=slider], [tabindex]"

NAMELESS = """controls => controls.filter(c => {
  const by = c.getAttribute('aria-labelledby');
  const named = c.getAttribute('aria-label') || (by && document.getElementById(by)?.textContent)
    || [...(c.labels || [])].map(l => l.textContent).join('') || c.textContent || c.title;
  return !named.trim();
}).map(c => c.outerHTML)"""


@contextmanager
def browser() -> Iterator[Any]:
    """Open a browser, or skip where there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def serving(shown: Shown, *, edit: bool = False) -> Iterator[str]:
    """Run the viewer; give the address that it prints."""
    with Server(shown, Address(port=0, edit=edit)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        yield server.opened.url
        server.stop()
        thread.join()


class Tab:
    """A page that remembers its errors."""

    def __init__(self, opened: Any, **shown: Any) -> None:
        self.page = opened.new_page(**shown)
        self.page.set_default_timeout(20_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def nameless(self) -> list[str]:
        """Return the controls that a screen reader could not name."""
        return list(self.page.eval_on_selector_all(CONTROLS, NAMELESS))

    def until(self, condition: str) -> None:
        """Wait until a condition holds; the page's policy forbids it to evaluate text itself."""
        for _ in range(1_000):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(20)
        message = f"never: {condition}"
        raise AssertionError(message)
