"""Tables with a column for each moment: `Médicament | Matin | Midi | Soir | Coucher` above, numbers alone below."""

from __future__ import annotations

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.amounts import AMOUNT, BARE, Amount
from prescriptions.engine.grammar.parsing import either
from prescriptions.engine.tokens import Tokens

CELL = either(AMOUNT, BARE)
EMPTY = frozenset({"-", "/", "x"})


def moments_of(tokens: Tokens, first: int, last: int, *, named: bool) -> tuple[str, ...]:
    """The moments that a row of column titles names: two, or three where no other column is `named`; or none."""
    others = [at for at in range(first, last) if tokens.list[at].kind == "word" and "moment" not in tokens.lexemes[at]]
    if others and not named:
        return ()
    found: list[str] = []
    for at in range(first, last):
        if tokens.list[at].kind == "number":
            return ()
        if (lexeme := tokens.lexemes[at].get("moment")) is not None and lexeme.value not in found:
            found.append(str(lexeme.value))
    return tuple(found) if len(found) > 2 - named else ()


def slots(tokens: Tokens, first: int, last: int, moments: tuple[str, ...]) -> f.Fact | None:
    """The doses of tokens [first, last) under these titles; None unless there is a cell for each title."""
    for at in range(first, last):
        begins = tokens.list[at].kind == "number" or tokens.list[at].text in ("|", *EMPTY)
        if begins and (found := _cells(tokens, at, last, len(moments))):
            cells, end = found
            parts = tuple((moment, cell) for moment, cell in zip(moments, cells, strict=True))
            if any(cell.high for cell in cells):
                return f.Fact(f.Slots(parts), at, end, 0.9, "read by the titles of columns")
    return None


def _cells(tokens: Tokens, at: int, last: int, count: int) -> tuple[list[Amount], int] | None:
    nothing = Amount(0.0, 0.0, None)
    cells: list[Amount] = []
    ruled = tokens.list[at].text == "|"
    at += ruled
    while len(cells) < count:
        if at >= last:
            if not ruled:
                return None
            cells.append(nothing)
            continue
        if tokens.list[at].text == "|":
            cells.append(nothing)
        elif tokens.list[at].text in EMPTY:
            cells.append(nothing)
            at += 1
        elif (match := CELL(tokens, at)) is not None and match.end <= last:
            cells.append(match.value)
            at = match.end
        else:
            return None
        if at < last and tokens.list[at].text == "|":
            at += 1
        elif ruled and at < last:
            return None
    return cells, at
