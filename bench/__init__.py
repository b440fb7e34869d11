"""Benchmarks: ratios against the lower bound, measured in the same run."""
