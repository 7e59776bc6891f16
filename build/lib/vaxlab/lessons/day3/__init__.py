"""Day 3: causes, recipes, harvest."""
