"""A line as words with what a tagger looks at: shapes and neighbours, never the words of a name alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from prescriptions.engine.evaluation.case import Span
from prescriptions.engine.text import plain

WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+|[^\w\s]")
LONG = 4


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """Numbers, runs of letters, and signs one by one."""
    return [Word(found.group(), found.start(), found.end()) for found in WORD.finditer(text)]


def shape(text: str) -> str:
    """`DOLIPRANE` X, `Doliprane` Xx, `cp` x, `500` 9, `2,5` 9.9."""
    if text[0].isdigit():
        return "9.9" if len(text) > 1 and not text.isdigit() else f"9{min(len(text), LONG)}"
    if text.isupper():
        return "X"
    if text[0].isupper():
        return "Xx"
    return "x" if text[0].isalpha() else text


def features(found: Sequence[Word]) -> list[list[str]]:
    """What is looked at for each word: itself, its shape and ends, two words to each side, whether the line begins."""
    bare = [plain(word.text) for word in found]
    shapes = [shape(word.text) for word in found]
    rows = []
    for place in range(len(found)):
        row = [f"w={bare[place]}", f"s={shapes[place]}", f"p3={bare[place][:3]}", f"e3={bare[place][-3:]}"]
        if place < LONG:
            row.append(f"at={place}")
        for step in (-2, -1, 1, 2):
            near = place + step
            if 0 <= near < len(found):
                row += [f"{step}w={bare[near]}", f"{step}s={shapes[near]}"]
            else:
                row.append(f"{step}edge")
        if place + 1 < len(found):
            row.append(f"pair={bare[place]}|{bare[place + 1]}")
        rows.append(row)
    return rows


def tags(found: Sequence[Word], spans: Sequence[Span]) -> list[str]:
    """BIO: `B-dose` at the first word of a span, `I-dose` at the others, `O` outside. The longest span wins."""
    labels = ["O"] * len(found)
    for span in sorted(spans, key=lambda one: one.start - one.end, reverse=True):
        inside = [place for place, word in enumerate(found) if word.start >= span.start and word.end <= span.end]
        for order, place in enumerate(inside):
            labels[place] = f"{'I' if order else 'B'}-{span.kind}"
    return labels


def spans(found: Sequence[Word], labels: Sequence[str]) -> tuple[Span, ...]:
    """The spans that labels mark."""
    made: list[Span] = []
    open_: Span | None = None
    for word, label in zip(found, labels, strict=True):
        mark, _dash, kind = label.partition("-")
        if mark == "I" and open_ is not None and open_.kind == kind:
            open_ = Span(kind, open_.start, word.end)
            continue
        if open_ is not None:
            made.append(open_)
        open_ = Span(kind, word.start, word.end) if mark in ("B", "I") else None
    return (*made, open_) if open_ is not None else tuple(made)
