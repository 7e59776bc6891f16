"""Figures: one style, and a live batch that holds at the ends of its sliders."""

import itertools

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from colour_blindness import AT_A_GLANCE, KINDS, alike, distance

from vaxlab import data, figures


def sliders_of(box):
    return {child.description: child for child in box.children[1].children}


def test_the_live_batch_survives_every_corner_of_its_sliders():
    box = figures.live_batch()
    words, figure, sliders = box.children[0], box.children[-1], sliders_of(box)
    ends = []
    for slider in sliders.values():
        log = hasattr(slider, "base")
        ends.append([slider.base**e if log else e for e in (slider.min, slider.max)])
    told = set()
    for corner in itertools.product(*ends):
        for slider, value in zip(sliders.values(), corner, strict=True):
            slider.value = value
        told.add(words.value)
        for trace in figure.data:
            y = np.asarray(trace.y, dtype=float)
            assert np.isfinite(y[np.asarray(trace.x) > 0]).all()
    assert len(told) == 2 ** len(sliders)


def test_moving_a_slider_moves_the_curves_and_the_base_case_stays():
    box = figures.live_batch()
    figure = box.children[-1]
    before = [np.array(trace.y, dtype=float) for trace in figure.data]
    sliders_of(box)["pH"].value = 6.8
    after = [np.array(trace.y, dtype=float) for trace in figure.data]
    grey, coloured = slice(0, None, 2), slice(1, None, 2)
    for a, b in zip(before[grey], after[grey], strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(
        not np.array_equal(a, b, equal_nan=True)
        for a, b in zip(before[coloured], after[coloured], strict=True)
    )


def test_the_button_goes_back_to_the_base_case():
    box = figures.live_batch()
    told = box.children[0].value
    for slider in sliders_of(box).values():
        slider.value = slider.min if not hasattr(slider, "base") else 1.0
    assert box.children[0].value != told
    box.children[2].click()
    assert box.children[0].value == told


def test_series_are_told_apart_without_colour():
    figure = figures.live_batch().children[-1]
    for panel in ("legend", "legend2"):
        lines = [trace.line for trace in figure.data if trace.name and trace.legend == panel]
        assert len({line.dash for line in lines}) == len(lines)
        assert len({line.color for line in lines}) == len(lines)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("background", ["#ffffff", "#111111"])
@pytest.mark.parametrize("colour", figures.COLOURS)
def test_every_colour_stands_out_in_light_and_dark(colour, background):
    light, dark = sorted([luminance(colour), luminance(background)], reverse=True)
    # Twice the luminance at least: thick lines and large markers, each with a dash or a shape.
    assert (light + 0.05) / (dark + 0.05) >= 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(figures.COLOURS, 2)))
def test_the_colour_blind_tell_any_two_colours_apart_at_a_glance(one, other, kind):
    assert distance(one, other, kind) >= AT_A_GLANCE


def test_two_curves_that_a_colour_blind_reader_can_not_tell_apart_are_named():
    curve = {"type": "scatter", "mode": "lines"}
    red, green = (
        curve | {"name": name, "line": {"color": colour}}
        for name, colour in (("red", "#c00000"), ("green", "#4a7000"))
    )
    assert alike({"data": [red, green]}) == ["red / green: 4 with deuteranopia"]
    green["line"] = {"color": "#4a7000", "dash": "dash"}
    assert alike({"data": [red, green]}) == []
    areas = [
        {
            "type": "scatter",
            "name": name,
            "fill": "tonexty",
            "fillcolor": fill,
            "line": {"width": 0},
        }
        for name, fill in (("pale red", "rgba(192, 0, 0, 0.2)"), ("grass", "rgba(74, 112, 0, 0.2)"))
    ]
    assert alike({"data": [red, *areas]})[0].startswith("pale red / grass: ")
    areas[1]["fillcolor"] = "rgba(0, 114, 178, 0.9)"
    assert alike({"data": [red, *areas]}) == []


def test_figures_bring_no_background_and_their_axes_have_titles():
    figures.setup()
    series = pd.Series([1.0, 2.0, 3.0])
    table = pd.DataFrame({"t": series, "v": series, "batch_id": list("abc")})
    drawn = [
        figures.twins(data.load("batches")),
        figures.groups({"a": series, "b": series}, title="t", axis_title="y"),
        figures.over_time(table, "t", "v", title="t", y_title="y"),
        figures.against(series, series, title="t", x_title="x", y_title="y"),
        figures.bars(pd.Series({"a": 1.0, "b": 2.0}), title="t", axis_title="y"),
    ]
    assert pio.templates.default == "vaxlab"
    for figure in drawn:
        assert isinstance(figure, go.Figure)
        assert figure.layout.yaxis.title.text
        template = figure.layout.template.layout
        assert template.paper_bgcolor == template.plot_bgcolor == "rgba(0,0,0,0)"


def test_a_shown_figure_comes_with_its_sentence(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    figures.show(go.Figure(), "Nothing <yet>.")
    assert isinstance(shown[0], go.Figure)
    assert "Nothing &lt;yet&gt;." in shown[1].data


@pytest.mark.parametrize(("loaded_at", "is_old"), [(0, True), (float("inf"), False)])
def test_a_kernel_that_is_older_than_the_course_is_told_to_restart(monkeypatch, loaded_at, is_old):
    told = []
    monkeypatch.setattr(figures, "_LOADED_AT", loaded_at)
    monkeypatch.setattr(figures, "_tell_the_page", told.append)
    figures.setup()
    assert any("Restart Kernel" in html for html in told) is is_old


def test_numbers_on_bars_are_written_as_people_write_them():
    drawn = figures.bars(pd.Series([0.00626, 45.54, 3128.4]), title="t", axis_title="y")
    assert drawn.data[0].text == ("0.00626", "45.5", "3,128")


def test_numbers_on_bars_with_intervals_stand_beyond_the_whiskers():
    values, low, high = (pd.Series(part) for part in ([2.0, -3.0], [1.0, -5.0], [4.0, -1.0]))
    figure = figures.bars(values, title="", axis_title="%", ends=(low, high))
    words = figure.data[1]
    assert list(words.y) == [4.0, -5.0]
    assert list(words.text) == ["2", "-3"]
    assert list(words.textposition) == ["top center", "bottom center"]
    assert figure.data[0].text is None


def test_the_live_batch_is_told_to_fill_the_page():
    assert figures.live_batch().children[-1]._config["responsive"]


def test_twins_are_pairs_of_one_recipe_and_one_week():
    lines = [trace for trace in figures.twins(data.load("batches")).data if trace.mode == "lines"]
    names = [trace.y[0] for trace in lines]
    assert len(names) == len(set(names)) >= 12
    assert any(abs(trace.x[0] - trace.x[1]) >= 0.3 for trace in lines)


def test_looking_at_colours_leaves_the_numbers_that_others_print_alone():
    third = 1 / 3
    assert str(np.float64(third)) == repr(third)
