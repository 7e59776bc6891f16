"""Day 4: what was written, what is known, ten targets, and Monday morning."""
