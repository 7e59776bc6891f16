# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   vaxlab:
#     title: Machine Learning for Vaccine Production
#     days:
#       day1: "See: data, and the classical toolbox"
#       day2: "Predict: the process in time, with deep learning"
#       day3: "Decide: causes, recipes, harvest"
#       day4: "Connect: knowledge, and Monday morning"
# ---

# %% [markdown]
# # Machine Learning for Vaccine Production
#
# A course of four days in notebooks. Its laboratory is a **virtual vaccine plant**: it grows influenza virus in cells, keeps six years of records, and knows the truth behind them. Every question comes from the shop floor, and every model that you build goes back to the plant and is judged there.
#
# You need some Python. You need no plant, no GPU and no network.
#
# **Start here:** open [1-trust](day1/1-trust.ipynb), and press **Shift + Enter** from cell to cell.

# %% [markdown] tags=["timetable"]
# ## The four days
#
# A link opens the notebook in a tab of its own. Notebooks do not depend on each other: you can begin with any of them.

# %% [markdown]
# ## Where you stand
#
# Run the next cell with **Shift + Enter**. It reads your own saved notebooks, and nothing leaves your machine.

# %%
from vaxlab import progress

progress.show()

# %% [markdown]
# ## When you work
#
# - Your code goes where you see three dots, `...`. Replace the dots, run the cell, then run the check below it.
# - A check says one of four things. **Passed**: right. **Not yet**: your code runs, but the answer is not right; the check says what it called, what it got and where to look. **Error in your code**: it stopped; the check names the line. **Not attempted**: the dots are still there.
# - Nothing breaks when you leave an exercise out. *Run → Run All Cells* works in an unfinished notebook.
# - Save with **Ctrl + S** (**⌘ S** on a Mac). Your work stays in the notebook.
# - To begin one exercise anew, click one of its cells with the right button (or press **Shift + F10** in it) and choose *Begin This Exercise Anew*. Your own answer is kept in the folder `kept`.
# - On Binder the machine is only lent. Before you leave, save your notebook to your own with *File → Download*.

# %% [markdown]
# ## When you are stuck
#
# 1. Open the hints under the exercise, one after the other. They cost no points.
# 2. Run the notebook from the top with *Kernel → Restart Kernel and Run All Cells*. Most odd errors come from cells that ran in another order.
# 3. *No module named 'vaxlab'*: the notebook runs on another Python. Open the course with `make lab`, in the course's own folder, or choose the kernel *Python 3 (ipykernel)* under *Kernel → Change Kernel*. *No data sets*: run `make datasets`.
# 4. Figures stay empty, or nothing works at all: `!vaxlab doctor` in a cell looks at the installation, and says what to mend.
# 5. In a class on a server you may let your instructor see where you are stuck: type `!vaxlab class join` into a cell. They see which exercises you try and what the checks say, never your code; it is no grade. `!vaxlab class leave` ends it.
# 6. Ask your neighbour, then your instructor. Show the check's words, not only the code.

# %% [markdown]
# ## Handing in
#
# To see a whole notebook judged from top to bottom, type `!vaxlab check day1/1-trust` into a cell of your own. It takes a copy of what you have saved, and says of each exercise what to try next.
#
# Save the notebook first. In a class, hand in as your instructor tells you; the file to send is the `.ipynb` itself, under its own name. Leave the check cells as they are: they are put back before grading, and then run again with further tests. There, a cell has 90 seconds of computing, a notebook five minutes, and fifteen minutes on the clock, pauses included.
#
# On your own, the checks are all the grading that you need.
