"""Lines cut anew by a person: one in two, two in one, or one from a passage that was not taken for a line."""

from __future__ import annotations

import re
from dataclasses import replace

from prescriptions import engine
from prescriptions.engine import text as texts
from prescriptions.engine import tokens
from prescriptions.engine.medicines.find import find
from prescriptions.engine.medicines.lexicon import Lexicon
from prescriptions.engine.schema import Line


class NothingThere(ValueError):
    """A part has no character that is not a space."""


def part(text: str, start: int, end: int, lexicon: Lexicon) -> Line:
    """The line that characters [start, end) of the text are, with its places in the whole text.

    Spaces at both ends are left out. Raises NothingThere where nothing is left.
    """
    start, end = max(0, start), min(len(text), end)
    written = text[start:end]
    start += len(written) - len(written.lstrip())
    written = written.strip()
    if not written:
        raise NothingThere
    read = tokens.tokenise(texts.read(written), known=lexicon.words)
    if not len(read):
        raise NothingThere
    found = engine.read_line(written, lexicon)
    moved = tuple(replace(one, start=one.start + start, end=one.end + start) for one in found.evidence)
    return replace(found, start=start, end=start + len(written), text=written, evidence=moved)


def split(text: str, line: Line, at: int, lexicon: Lexicon) -> tuple[Line, Line]:
    """The two lines that one is when the second begins at character `at` of the text.

    What is marked as ALD stays so. Raises NothingThere where one of the two would be empty.
    """
    if not line.start < at < line.end:
        raise NothingThere
    first, second = (part(text, start, end, lexicon) for start, end in ((line.start, at), (at, line.end)))
    return _marked(first, line), _marked(second, line)


def merge(text: str, first: Line, second: Line, lexicon: Lexicon) -> Line:
    """The line that two are together, with what stands between them."""
    start, end = min(first.start, second.start), max(first.end, second.end)
    return _marked(part(text, start, end, lexicon), first, second)


def _marked(line: Line, *before: Line) -> Line:
    """The zone in which a line stands is told by what is above it, which its own words don't say."""
    ald = line.medication.ald or any(each.medication.ald for each in before)
    return replace(line, medication=replace(line.medication, ald=ald))


def seams(line: Line, lexicon: Lexicon) -> tuple[list[int], int | None]:
    """Where the words after the first begin, as places in the whole text; and the one that most likely begins a line.

    That is where another medicine's name stands, else where a row begins.
    """
    starts = [match.start() for match in WORD.finditer(line.text)][1:]
    named = (at for at in starts if _begins_with_a_medicine(line.text[at:], lexicon))
    rows = (at for at in starts if "\n" in line.text[:at].rpartition(line.text[:at].rstrip())[2])
    guess = next(named, None) or next(rows, None)
    return [at + line.start for at in starts], None if guess is None else guess + line.start


def _begins_with_a_medicine(text: str, lexicon: Lexicon) -> bool:
    read = tokens.tokenise(texts.read(text), known=lexicon.words)
    return bool(len(read)) and find(read, 0, lexicon, fuzzy=False) is not None


WORD = re.compile(r"\S+")
