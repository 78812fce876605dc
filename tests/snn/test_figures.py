from snn.figures import as_png, new_figure, set_title, tidy


def test_a_figure_becomes_a_png() -> None:
    figure = new_figure(3, 2)
    axes = figure.subplots()
    axes.plot([0, 1])
    tidy(axes)
    assert as_png(figure).startswith(b"\x89PNG\r\n")
    assert not axes.spines["top"].get_visible()


def test_long_titles_are_broken_into_lines() -> None:
    axes = new_figure(3, 2).subplots()
    set_title(axes, "a title that is much too long to stand above a small figure", width=3)
    assert max(map(len, axes.get_title().split("\n"))) <= 33
