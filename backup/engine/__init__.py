"""Encrypted, deduplicated, verifiable backup: plain Python, usable without the suite. The format is in FORMAT.md."""
