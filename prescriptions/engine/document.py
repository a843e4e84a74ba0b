"""A whole ordonnance: its lines of medicines, and every other passage named; no character falls between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from prescriptions.engine import columns, heading
from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.build import dispensing
from prescriptions.engine.grammar.rules import best_at, read_facts
from prescriptions.engine.line import after_bullet, medicine_at, structure
from prescriptions.engine.medicines.find import Found, find, unknown
from prescriptions.engine.medicines.lexicon import Lexicon
from prescriptions.engine.medicines.strengths import STRENGTH
from prescriptions.engine.schema import Line, Ordonnance, Passage
from prescriptions.engine.sections import (
    Row,
    ald_zone,
    announces_stopped,
    as_supply,
    for_document,
    is_other,
    passage_of,
    stopped,
)
from prescriptions.engine.text import Reading
from prescriptions.engine.text import read as read_text
from prescriptions.engine.tokens import Tokens, tokenise
from prescriptions.engine.words import passages
from prescriptions.engine.words.lexicon import is_word

FORWARD = (f.Frequency, f.When, f.Dose, f.Slots, f.Clock, f.Bounds, f.Reason, f.Limit, f.Meal, f.Rate, f.Supply, f.Pack,
           f.Renewal, f.Substitution, f.Then, f.Days, f.Once, f.Taper, f.Gap, f.Place, f.Method, f.Cycle,
           f.CycleDays)  # fmt: skip
"""What a line that goes on with the medicine above may say."""
SPLITS = frozenset({";", ":", ".", "|", "-", "•", "·", "+", "*", ",", "\n"})


@dataclass(slots=True)
class Opened:
    """A medicine's line that may go on below."""

    found: Found
    first: int
    last: int
    ald: bool | None
    moments: tuple[str, ...] = ()
    rows: int = 1


@dataclass(slots=True)
class State:
    """What has been read so far, from top to bottom."""

    open: Opened | None = None
    closed: list[Opened] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    ald: bool | None = None
    stopping: bool = False
    moments: tuple[str, ...] = ()
    dispense_facts: list[f.Fact] = field(default_factory=list)


def structure_text(written: str, lexicon: Lexicon) -> Ordonnance:
    """The ordonnance that a text is."""
    reading = read_text(written)
    tokens = tokenise(reading, known=lexicon.words)
    state = State()
    for row in _rows(reading, tokens):
        _read_row(reading, tokens, row, state, lexicon)
    _close(state)
    lines = tuple(_line(tokens, opened, lexicon) for opened in state.closed)
    dispense, _, _ = dispensing(state.dispense_facts)
    head = heading.facts(state.passages, dispense)
    return Ordonnance(head, lines, tuple(_whole(written, lines, state.passages)))


def _rows(reading: Reading, tokens: Tokens) -> Iterator[Row]:
    at, place, gap = 0, 0, True
    for written in reading.plain.split("\n"):
        end = place + len(written)
        first = at
        while at < len(tokens) and tokens.list[at].start < end:
            at += 1
        if first == at:
            gap = True
        else:
            yield Row(first, at, place, end, written[:1] == " ", gap)
            gap = False
        place = end + 1


def _read_row(reading: Reading, tokens: Tokens, row: Row, state: State, lexicon: Lexicon) -> None:
    words = {token.text for token in tokens.list[row.first : row.last]}
    state.stopping = state.stopping and not row.after_gap
    if halted := stopped(tokens, row, lexicon, listed=state.stopping):
        _close(state)
        state.passages.extend(halted)
        return
    if announces_stopped(tokens, row):
        _close(state)
        state.stopping = True
        state.passages.append(passage_of(tokens, "section", row.first, row.last))
        return
    state.stopping = False
    named = bool(words & passages.COLUMNS)
    if moments := columns.moments_of(tokens, row.first, row.last, named=named):
        _close(state)
        state.moments = moments
        state.passages.append(passage_of(tokens, "section", row.first, row.last))
        return
    if (zone := ald_zone(reading, row)) is not None:
        _close(state)
        state.ald = zone
        state.passages.append(passage_of(tokens, "section", row.first, row.last))
        return
    starts = _medicines(tokens, row, lexicon, words, state)
    if starts:
        if starts[0].first > after_bullet(tokens, row.first, row.last):
            state.passages.append(passage_of(tokens, heading.kind(words), row.first, starts[0].first))
        for place, found in enumerate(starts):
            _close(state)
            first = (
                row.first
                if place == 0 and starts[0].first <= after_bullet(tokens, row.first, row.last)
                else found.first
            )
            last = starts[place + 1].first if place + 1 < len(starts) else row.last
            state.open = Opened(found, first, last, state.ald, state.moments)
        return
    _read_other(tokens, row, words, state)


def _read_other(tokens: Tokens, row: Row, words: set[str], state: State) -> None:
    facts = read_facts(tokens, row.first, row.last)
    of_document = for_document(tokens, row, facts, under=state.open is not None, begun=bool(state.closed),
        alone=state.open is not None and state.open.rows == 1)  # fmt: skip
    if of_document:
        _close(state)
        state.dispense_facts.extend(as_supply(fact) for fact in facts)
        state.passages.append(passage_of(tokens, "section", row.first, row.last))
    elif words & passages.COLUMNS and len(words & passages.COLUMNS) > 1 and not facts[2:]:
        state.passages.append(passage_of(tokens, "section", row.first, row.last))
    elif is_other(tokens, row, words):
        _close(state)
        state.passages.append(passage_of(tokens, "other", row.first, row.last))
    elif (
        state.open is not None
        and not heading.is_heading(words, tokens, row.first, row.last)
        and (
            row.indented
            or (
                not row.after_gap
                and not _is_something_else(tokens, row, facts)
                and (any(isinstance(fact.value, FORWARD) for fact in facts) or _goes_on(tokens, row))
            )
        )
    ):
        state.open.last = row.last
        state.open.rows += 1
    elif heading.is_heading(words, tokens, row.first, row.last) or not (state.open or state.closed):
        _close(state)
        state.passages.append(passage_of(tokens, heading.kind(words), row.first, row.last))
    else:
        _close(state)
        state.passages.append(passage_of(tokens, "unread" if facts else "other", row.first, row.last))


def _is_something_else(tokens: Tokens, row: Row, facts: list[f.Fact]) -> bool:
    """`Glace 20 minutes 4 fois par jour`: it begins, with a capital, by a word that no rule knows."""
    first = tokens.list[after_bullet(tokens, row.first, row.last) if row.first + 1 < row.last else row.first]
    written = tokens.reading.slice(first.start, first.end)
    return (
        first.kind == "word"
        and written[:1].isupper()
        and len(written) > 3
        and not is_word(first.text)
        and not any(fact.first == row.first for fact in facts)
    )


def _goes_on(tokens: Tokens, row: Row) -> bool:
    """A sentence that begins in small letters, or in brackets, goes on with what is above."""
    first = tokens.list[row.first]
    written = tokens.text(row.first, row.first + 1)
    return first.text == "(" or (
        first.kind == "word" and written[:1].islower() and first.text not in passages.OTHER_STARTS
    )


def _medicines(tokens: Tokens, row: Row, lexicon: Lexicon, words: set[str], state: State) -> list[Found]:
    """Where each medicine of this row begins."""
    start = after_bullet(tokens, row.first, row.last)
    bulleted = start > row.first
    heads = heading.is_heading(words, tokens, row.first, row.last)
    found: list[Found] = []
    first_word = tokens.list[start].text if start < row.last else ""
    if start < row.last and first_word not in passages.OTHER_STARTS:
        one = medicine_at(tokens, start, row.last, lexicon, guess=not heads)
        if one is not None and _is_medicine(tokens, one, row, heads, bulleted, state):
            found.append(one)
    at = found[0].last if found else start + 1
    depth = 0
    while at < row.last:
        token = tokens.list[at]
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "word" and depth <= 0 and (not heads or found or tokens.list[at - 1].text in (":", ";")):
            apart = tokens.list[at - 1].text == ";"
            other = find(tokens, at, lexicon, fuzzy=apart)
            if other is None and apart and found and (guess := unknown(tokens, at, row.last)):
                other = guess if guess.last < row.last and STRENGTH(tokens, guess.last) else None
            if other is not None and other.last < row.last and _another(tokens, other, at, row, found):
                found.append(other)
                at = other.last
                continue
        at += 1
    return found


def _is_medicine(tokens: Tokens, found: Found, row: Row, heads: bool, bulleted: bool, state: State) -> bool:
    if heads:
        return (
            found.term is not None
            and found.sure >= 0.95
            and bool(STRENGTH(tokens, found.last) if found.last < row.last else False)
        )
    if found.term is None:
        if found.last >= row.last:
            return bulleted
        told = STRENGTH(tokens, found.last) is not None or "form" in tokens.lexemes[found.last]
        return told or any(isinstance(fact.value, FORWARD) for fact in read_facts(tokens, found.last, row.last))
    return True


def _another(tokens: Tokens, found: Found, at: int, row: Row, earlier: list[Found]) -> bool:
    """A second medicine in one row: after a separator, and followed by its strength, form or dose."""
    before = tokens.list[at - 1].text
    if found.term is not None and earlier and found.term == earlier[-1].term:
        return False
    following = best_at(tokens, found.last)
    dosed = STRENGTH(tokens, found.last) is not None or (
        following is not None and isinstance(following.value, (f.Dose, f.Slots))
    )
    formed = "form" in tokens.lexemes[found.last]
    if not earlier:
        return before in (":", ";", ".", "+") and (dosed or formed)
    if before in (";", "\n", "•", "*"):
        return True
    if before in ("(", "/", "'", "de", "d", "du", "avec", "par", "sous", "si", "ou"):
        return False
    said = any(
        isinstance(fact.value, (f.Dose, f.Slots, f.Frequency, f.When))
        for fact in read_facts(tokens, earlier[-1].last, at)
    )
    return said and dosed and (before in SPLITS or before == "et" or tokens.list[at - 1].kind != "sign")


# passages -----------------------------------------------------------------------------------------------------------


def _close(state: State) -> None:
    if state.open is not None:
        state.closed.append(state.open)
        state.open = None


def _line(tokens: Tokens, opened: Opened, lexicon: Lexicon) -> Line:
    line = structure(tokens, opened.first, opened.last, lexicon, found=opened.found, moments=opened.moments)
    if opened.ald is not None and opened.ald and not line.medication.ald:
        line = replace(line, medication=replace(line.medication, ald=True))
    return line


def _whole(written: str, lines: tuple[Line, ...], found: list[Passage]) -> Iterator[Passage]:
    """The passages in order, and as «unread» whatever is in neither a line nor a passage."""
    covered = sorted([*((line.start, line.end) for line in lines), *((each.start, each.end) for each in found)])
    place = 0
    gaps: list[Passage] = []
    for start, end in [*covered, (len(written), len(written))]:
        if place < start and (text := written[place:start].strip()):
            begin = written.index(text, place)
            gaps.append(Passage("unread", begin, begin + len(text), text))
        place = max(place, end)
    yield from sorted([*found, *gaps], key=lambda passage: (passage.start, passage.end))
