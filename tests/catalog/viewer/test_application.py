"""Addresses and what they answer."""

from tests.catalog.viewer.asking import Asker


def test_a_page_and_its_twin_say_the_same(viewed: Asker) -> None:
    page = viewed.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert b'href="api/recordings"' in page.body
    twin = viewed.get("/api/recordings?sort=-n_events&per_page=3").json()
    assert twin["reference"].startswith("animals@1.0.0")
    assert len(twin["rows"]) == 3


def test_errors_name_what_to_do(viewed: Asker) -> None:
    answer = viewed.get("/api/recordings?sort=n_event")
    assert answer.status == 404
    assert answer.json()["hint"] == "did you mean 'n_events'?"
    assert viewed.get("/api/recordings?where=((").status == 400
    assert viewed.get("/none").json()["message"] == "nothing is at this address"
    assert viewed.get("/api/recordings/").status == 404


def test_no_head_has_a_body_of_its_own_making(viewed: Asker) -> None:
    answer = viewed.get("/api/recordings", method="HEAD")
    assert answer.status == 200
