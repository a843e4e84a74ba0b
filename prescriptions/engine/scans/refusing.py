"""What is not read, and why."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(ValueError):
    """`code` is one of CODES; `details` are numbers that its sentence may name."""

    def __init__(self, code: str, **details: int | str) -> None:
        super().__init__(code)
        self.code, self.details = code, details


CODES = ("unknown_kind", "encrypted", "damaged", "too_large", "too_many_pages", "page_too_large", "no_text", "no_page")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold."""

    size: int = 50 << 20
    """Bytes."""
    pages: int = 30
    pixels: int = 60_000_000
    """Of one page: an A4 page at 600 dpi has 35 million."""
    side: float = 14_400
    """Points of the longest side of a PDF page (200 inches, the most that PDF 1.7 allows)."""
