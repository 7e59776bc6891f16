"""Day 4, notebook 5, *You run the plant for six months*, as its notebook sees it."""
