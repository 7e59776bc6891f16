"""Day 2: the process in time, and deep learning in PyTorch."""
