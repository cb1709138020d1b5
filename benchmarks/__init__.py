"""Benchmarks: run by `scripts/bench`, never a timed test. Each measures beside a baseline in the same run."""
