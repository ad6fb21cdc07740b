"""Benchmarks: `python -m tests.benchmarks` prints what each way of solving pays, as ratios within one run."""
