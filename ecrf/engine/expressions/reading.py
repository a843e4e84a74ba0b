"""What an expression reads: in its own entry, and at other events."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from ecrf.engine.expressions.operators import ELSEWHERE, Node


def references(node: Node, rows: Mapping[str, Container[str]] | None = None) -> Iterator[str]:
    """What an expression reads in its own entry, with repetition: variables, and the keys of repeats.

    Given the items of each repeat, what is read inside a row is left out: the repeat's key stands for it.
    """
    head, *arguments = node
    if head in ("var", "rows") or (head in ("ticked", "count") and isinstance(arguments[0], str)):
        yield arguments[0]
    elif head == "over":
        yield arguments[1]
        own = (rows or {}).get(arguments[1], ())
        yield from (name for name in references(arguments[2], rows) if name not in own)
    elif head not in ELSEWHERE:
        for argument in arguments:
            if isinstance(argument, list | tuple):
                yield from references(argument, rows)


def elsewhere(node: Node) -> Iterator[tuple[str, str]]:
    """What an expression reads at other events: ``(event, name)``, or `previous`, `first` or `last` for an event."""
    head, *arguments = node
    if head in ELSEWHERE:
        yield (arguments[0] if head == "of" else head), arguments[-1]
        return
    for argument in arguments:
        if isinstance(argument, list | tuple):
            yield from elsewhere(argument)
