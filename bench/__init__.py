"""Benchmarks: each prints a ratio against a peer measured in the same run, its goal, and whether it is met."""
