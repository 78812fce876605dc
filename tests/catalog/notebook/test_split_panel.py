"""What a split shows."""

from catalog.splits.rules import OfficialRule
from catalog.testing import tiny_dataset


def test_a_split_counts_each_class_in_each_fold() -> None:
    split = tiny_dataset().make_split("official", OfficialRule())
    page = split._repr_html_()
    for said in (">train<", ">test<", ">left<", ">right<", "official", split.digest[:12]):
        assert said in page, said
    assert page.count(">4<") == 1  # of train in all
    assert page.count(">1<") == 2
    split.store.close()
    assert split._repr_html_() == page
