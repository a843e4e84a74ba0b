"""Formats in which definitions and data come and go."""
