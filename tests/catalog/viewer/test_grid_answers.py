"""Addresses of the grid."""

from tests.catalog.viewer.asking import Asker


def test_pages_and_pictures_are_answered(viewed: Asker) -> None:
    page = viewed.get("/api/recordings?name=cat&sort=-n_events&page=2&per_page=2").json()
    assert (page["n_matched"], page["page"], page["n_pages"], len(page["rows"])) == (5, 2, 3, 2)
    name = page["rows"][0]["recording_id"]
    assert viewed.get(f"/api/thumbnail?recording={name}").status == 200


def test_pages_have_bounds(viewed: Asker) -> None:
    assert viewed.get("/api/recordings?per_page=501").json()["message"] == "per_page is 501"
    assert viewed.get("/api/recordings?page=99").json()["rows"] == []
