"""A small course of two notebooks that its site is made of."""
# ruff: noqa: E501 (options of a cell stand on one line)

from authoring.conftest import HEADER, INDEX, TANK

SENTENCE = 'The level falls, "slowly" & without <steps>.'
"""Said below a figure of the pump's; the second one stands in an answer."""
SENTINEL = 2718.28
"""Drawn in one figure only."""
MODEL_ANSWER = "Quokkas would notice the pump first."
"""Of a written question: for nobody but the instructor."""
OWN_ANSWER = "speed_rpm / 60 * stroke_l"

PUMP = (
    HEADER
    + f"""\
#     title: How fast is the pump?
#     minutes: 20
# ---

# %% [markdown]
# # How fast is the pump?
#
# **You will be able to**
#
# - turn strokes into litres;
#
# **Minutes:** 20. **Points:** 4.

# %% [markdown]
# ## Strokes · 15 min
#
# The flow is $q = \\frac{{n}}{{60}} V$.

# %%
import ipywidgets as widgets
import pandas as pd
import plotly.graph_objects as go
from vaxlab import figures, graphs

figures.setup()
speed_rpm, stroke_l = 90, 0.5
level = go.Figure(go.Scatter(y=[{SENTINEL}, 2, 1], name="level"))
figures.show(level.update_layout(title="Level"), {SENTENCE!r})

# %%
slider = widgets.FloatSlider(value=1.5, max=3, description="speed (1/s)")
widgets.VBox([slider, go.FigureWidget(go.Bar(y=[1, 2]))])

# %%
graphs.Drawing(["speed", "flow"], text="speed -> flow")

# %%
pd.DataFrame([range(30)], columns=[f"a_long_name_{{k}}" for k in range(30)])

# %% [markdown] tags=["instructor"]
# **Ask** Who hears the pump at night?

# %% [markdown]
# ### Exercise 1 · The flow · 2 points · 8 min
#
# How many litres a second?

# %% nbgrader={{"grade": false, "grade_id": "pump-flow", "locked": false, "solution": true}}
flow_l_per_s = ...
### BEGIN SOLUTION
flow_l_per_s = {OWN_ANSWER}
figures.show(go.Figure(go.Scatter(y=[1, 2])), "The flow rises.")
### END SOLUTION

# %% nbgrader={{"grade": true, "solution": false, "locked": true, "points": 2, "grade_id": "pump-flow-check"}}
result = 2.0 * (flow_l_per_s == 0.75)
### BEGIN HIDDEN TESTS
result = 2.0 * (flow_l_per_s == 3 / 4)
### END HIDDEN TESTS
result

# %% [markdown]
# ### Exercise 2 · In words · 2 points · 4 min
#
# Who would notice first?

# %% [markdown] nbgrader={{"grade": true, "grade_id": "pump-words", "locked": false, "points": 2, "solution": true}}
# {MODEL_ANSWER}

# %% [markdown]
# ## What we have seen · 5 min
#
# - A pump has strokes.
"""
)

README = """\
# A small course

```sh
make lab     # opens it
```

Needs Python.

## What you learn

What a pump does; more stands in [the notes](docs/notes.md) and in [a list](CHANGELOG.md).

## For learners

Open it with `make lab`.

## The end

Text: CC BY 4.0.

Nobody has endorsed it.
"""

FILES = {
    "README.md": README,
    "docs/notes.md": "# Notes\n\nOf [pumps](../solutions/day2/1-pump.py) and\n[the web](https://example.org).\n",
    "solutions/index.py": INDEX,
    "solutions/day1/1-tank.py": TANK,
    "solutions/day2/1-pump.py": PUMP,
}
