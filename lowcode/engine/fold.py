"""The keys of small groups: a name or a value that few people have would tell of them, whatever is hidden beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lowcode.engine.columns import Kind
from lowcode.engine.result import Cell, Output, Special

PERIODS = frozenset({"week", "month", "quarter", "year"})


def fold(
    outputs: Sequence[Output], rows: Sequence[Sequence[Cell]], small: Collection[int]
) -> tuple[tuple[Cell, ...], ...]:
    """The rows, those of `small` groups without the keys that tell of people, and as one where nothing else differs.

    All measures of the small groups must be masked already.
    """
    folded = [
        tuple(
            Special.MASKED if number in small and tells(output, cell) else cell
            for output, cell in zip(outputs, row, strict=True)
        )
        for number, row in enumerate(rows)
    ]
    return tuple(dict.fromkeys(folded))


def tells(output: Output, cell: Cell) -> bool:
    """Whether this key may be somebody's own value: neither from a list of codes nor a class that was drawn by hand.

    A width and a day don't count as classes: they can be as narrow as a single value.
    """
    if output.role != "key" or cell is None or isinstance(cell, Special):
        return False
    if output.identifying:
        return True
    if output.kind is Kind.BOOLEAN or (output.key and (output.key.breaks or output.key.truncate in PERIODS)):
        return False
    return (f"{cell:g}" if isinstance(cell, float) else str(cell)) not in output.codes
