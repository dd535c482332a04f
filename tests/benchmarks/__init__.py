"""Benchmarks: `python -m tests.benchmarks` prints a table. pytest only sees that they run."""
