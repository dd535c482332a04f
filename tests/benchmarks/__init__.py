"""Benchmarks: `python -m tests.benchmarks` prints a table. Measured, not tested, but for a smoke."""
