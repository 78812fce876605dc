"""The one door to the vendor's library, whatever the family."""

from pathlib import Path

import pytest

from devices.deploy import check_compiled, load_samna
from eventstore.errors import MissingExtra


def test_without_the_library_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"samna, .* is not installed"):
        load_samna()


def test_a_package_without_compiled_code_is_not_the_library(tmp_path: Path) -> None:
    stub = tmp_path / "__init__.py"
    stub.write_text("raise SystemExit\n")
    with pytest.raises(MissingExtra, match=r"is a stub: 17 bytes of Python"):
        check_compiled(stub)
    (tmp_path / "samna.so").touch()
    check_compiled(stub)
