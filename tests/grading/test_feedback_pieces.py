"""The pieces of the page: figures as data, stills of widgets, formulas."""

import json
import re

import ipywidgets
import nbformat
import plotly.graph_objects as go
import pytest
from nbformat import v4

from vaxlab import figures
from vaxlab.grading.feedback import clean, figure, mathml, stills
from vaxlab.grading.feedback.outputs import Shown


def outputs_of(widget) -> list:
    """What a graded notebook holds of a widget."""
    bundle = json.loads(json.dumps(stills._bundle(widget)))
    cell = v4.new_code_cell("", outputs=[v4.new_output("display_data", data=bundle)])
    clean.outputs(cell)
    return [output.data for output in cell.outputs]


def test_the_live_batch_is_its_words_its_settings_and_its_figure():
    words, settings, drawn = outputs_of(figures.live_batch())
    assert "million cells per mL at infection" in words["text/html"]
    assert "<th>pH</th><td>7.2</td>" in settings["text/html"]
    names = [series.get("name") for series in drawn[figure.MIME]["data"]]
    assert "uninfected" in names
    assert "with 12 series" in drawn["text/plain"]


def test_a_figure_widget_alone_is_its_figure():
    (drawn,) = outputs_of(go.FigureWidget(go.Bar(x=["a"], y=[1])))
    assert drawn[figure.MIME]["data"][0]["type"] == "bar"


def test_controls_become_a_table_of_where_they_stand():
    box = ipywidgets.HBox(
        [
            ipywidgets.IntSlider(3, description="<b>n</b>"),
            ipywidgets.Button(description="run"),
            ipywidgets.Dropdown(options=["x", "y"], description="choose"),
        ]
    )
    (table,) = outputs_of(box)
    assert table["text/html"].count("<tr>") == 2
    assert "&lt;b&gt;n&lt;/b&gt;" in table["text/html"]


def test_of_a_progress_bar_nothing_stays(monkeypatch):
    from tqdm import tqdm
    from tqdm.notebook import tqdm_notebook

    shown = []
    monkeypatch.setattr("tqdm.notebook.display", shown.append)
    list(tqdm_notebook(range(2), desc="Plants"))
    assert outputs_of(shown[0]) == []

    class Pieces(list):
        write, flush = list.append, bool

    pieces = Pieces()
    list(tqdm(range(3), desc="Plants", leave=False, file=pieces, mininterval=0))
    printed = [v4.new_output("stream", name="stdout", text=said) for said in pieces if said]
    printed.append(v4.new_output("stream", name="stdout", text="3 plants\n"))
    html = Shown().cell(v4.new_code_cell("", outputs=printed))
    assert re.findall(r">([^<]+)<", html) == ["3 plants"]


@pytest.mark.parametrize(
    "still", [{}, {"items": 7}, {"items": [{"control": 7}, {"figure": []}, 1]}]
)
def test_a_still_that_somebody_made_up_breaks_nothing(still):
    cell = v4.new_code_cell("", outputs=[v4.new_output("display_data", data={stills.MIME: still})])
    clean.outputs(cell)
    nbformat.validate(v4.new_notebook(cells=[cell]))


def test_a_figure_keeps_what_is_drawn_and_loses_what_is_loaded():
    drawn = go.Figure(go.Scatter(x=[1, 2], y=[3, 4], text=["<0.5", "<b>bold</b>"]))
    picture = {"source": "data:image/png;base64,AAAA", "x": 0}
    drawn.update_layout(title="a<br>b", images=[picture], height=5000, width=5000)
    drawn.add_layout_image(source="https://example.org/pixel.png")
    kept = figure.harmless(json.loads(drawn.to_json()))
    assert kept["data"][0]["text"] == ["<0.5", "<b>bold</b>"]
    assert kept["layout"]["title"]["text"] == "a<br>b"
    assert [image.get("source") for image in kept["layout"]["images"]] == [picture["source"], None]
    assert kept["layout"]["height"] <= figure.MAX_HEIGHT_PX
    assert "width" not in kept["layout"]
    assert figure.harmless(kept) == kept


@pytest.mark.parametrize(
    "spec",
    [
        None,
        7,
        [],
        {"data": 7},
        {"data": [7]},
        {"data": [], "layout": 7},
        {"data": [{"type": "choropleth"}]},
        {"data": [{"y": [0] * 2 * 10**6}]},
    ],
    ids=lambda spec: str(spec)[:30],
)
def test_what_cannot_be_drawn_is_no_figure_but_has_a_sentence(spec):
    assert figure.harmless(spec) is None
    assert figure.describe(spec).startswith("A figure")


def test_lists_without_end_are_no_figure():
    deep = []
    for _ in range(10**5):
        deep = [deep]
    assert figure.harmless({"data": [{"x": deep}]}) is None


def test_numbers_that_json_does_not_know_are_left_out():
    kept = figure.harmless({"data": [{"y": [1.0, float("nan"), float("inf")]}], "layout": {}})
    assert kept["data"][0]["y"] == [1.0, None, None]
    json.dumps(kept, allow_nan=False)


def test_every_formula_of_the_course_is_drawn(checkout):
    found = []
    for path in (checkout / "course").rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                plain = re.sub(r"`[^`]*`", "", cell.source)
                found += re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", plain, re.DOTALL)
    formulas = [block or inline for block, inline in found]
    assert len(formulas) > 5
    assert [formula for formula in formulas if "<code" in mathml.html(formula)] == []


def test_a_formula_is_mathml():
    made = mathml.html(r"R^2_{\max} = \frac{\sigma_B^2}{n}", block=True)
    assert made.startswith('<math display="block">')
    assert "<msubsup><mi>R</mi>" in made
    assert "<mfrac><mrow><msubsup><mi>σ</mi><mi>B</mi><mn>2</mn></msubsup></mrow>" in made


def test_primes_and_digits_are_read_as_tex_reads_them():
    assert "<msubsup><mi>f</mi><mi>i</mi><mo>′</mo></msubsup>" in mathml.html("f'_i(x)")
    half = '<mfrac displaystyle="false"><mn>1</mn><mn>2</mn></mfrac>'
    assert half + "<mi>x</mi>" in mathml.html(r"\tfrac12 x")


@pytest.mark.parametrize(
    "formula",
    [
        r"\href{javascript:x}{y}",
        r"\text{<script>}",
        "a}",
        "{a",
        "^",
        r"\frac",
        r"\left",
        "{" * 10**5,
    ],
)
def test_a_formula_that_is_none_stays_as_it_was_written(formula):
    made = mathml.html(formula)
    assert "<script" not in made
    assert made.startswith(("<code>", "<math>"))
    assert made.count("<mrow>") == made.count("</mrow>")


@pytest.mark.parametrize("count", [-1, 0, 2**0.5, "1", [], None, float("nan")])
def test_what_no_notebook_may_hold_is_left_out_of_what_a_kernel_has_sent(count):
    cell = v4.new_code_cell("1 + 1", execution_count=1)
    sound = v4.new_output("stream", text="2\n")
    odd = [{"output_type": "stream", "text": 1}, {"output_type": "what"}, {"data": "text"}, {}]
    cell.outputs = [nbformat.from_dict(output) for output in (*odd, sound)]
    cell["execution_count"] = count
    clean.outputs(cell)
    assert cell.outputs == [sound]
    assert cell.execution_count is None
