"""Day 4: knowledge, and Monday morning."""
