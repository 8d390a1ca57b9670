"""Scenarios as tests: what comes in, what must come out (docs/testing.md)."""
