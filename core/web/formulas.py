"""Text that a spreadsheet would run as a formula, and how it is kept from it."""

from __future__ import annotations

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula, also in full width."""


def harmless(text: str) -> str:
    """The text, preceded by an apostrophe where a spreadsheet would run it, be it after spaces."""
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS) else text
