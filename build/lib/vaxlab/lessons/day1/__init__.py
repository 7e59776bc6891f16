"""Day 1: the plant, its data, and what may be promised."""
