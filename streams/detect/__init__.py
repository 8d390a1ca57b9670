"""Recordings through the chain of the Bank, file by file: what `tocsin detect` reads, runs and writes."""
