"""Text that knows what it says: pieces that carry a path of the truth, laid end to end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters. `path` names the value that they say (`dosage.0.dose`), `rule` the rule that worded them."""

    text: str
    path: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text say the value at `path`."""

    start: int
    end: int
    path: str
    text: str
    rule: str = ""


Said = tuple[Piece, ...]


def plain(text: str) -> Said:
    return (Piece(text),) if text else ()


def joined(parts: Iterable[Said], separator: str = " ") -> Said:
    """The parts that say something, with the separator between them."""
    made: list[Piece] = []
    for part in parts:
        if not part:
            continue
        if made:
            made.append(Piece(separator))
        made.extend(part)
    return tuple(made)


def under(prefix: str, said: Said) -> Said:
    """The same words, as those of a value further down: `dose` of `dosage.1`."""
    return tuple(replace(piece, path=f"{prefix}{piece.path}") if piece.path else piece for piece in said)


def text_of(said: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in said)


def spans(said: Sequence[Piece]) -> tuple[Span, ...]:
    """Where each value is said; blanks at the ends are in no span."""
    found, at = [], 0
    for piece in said:
        if piece.path and (text := piece.text.strip()):
            start = at + piece.text.index(text)
            found.append(Span(start, start + len(text), piece.path, text, piece.rule))
        at += len(piece.text)
    return tuple(found)
