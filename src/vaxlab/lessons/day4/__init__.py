"""Day 4: literature, graph, targets, and Monday morning."""
