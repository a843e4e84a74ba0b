"""What was asked for, and a format has no place for."""

from __future__ import annotations

from ecrf.engine.exports.book import Book
from ecrf.engine.faults import Fault


def lacking(book: Book, *parts: str) -> list[Fault]:
    """A fault for each of these parts that the options ask for: ``labels``, ``statuses``, ``comments``, ``history``."""
    options = book.options
    asked = {
        "labels": options.labels,
        "statuses": options.statuses,
        "comments": options.statuses,
        "history": options.history,
    }
    return [Fault("", f"export_without_{part}") for part in parts if asked[part]]
