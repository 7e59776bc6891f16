"""Day 2, notebook 3, *deep net or boosted trees?*, as its notebook sees it."""
