"""Values at other events, as expressions read them."""

from __future__ import annotations

from collections.abc import Iterator

from ecrf.engine.expressions.environment import Environment, Run, Value


def earlier(name: str, env: Environment, *, latest: bool) -> Iterator[Value]:
    """The values at the earlier events that ask it."""
    for event in reversed(env.earlier) if latest else env.earlier:
        values = env.others.get(event)
        if values is not None and name in values:
            yield values[name]


def elsewhere(head: str, *names: str) -> Run:
    """`of` the event itself reads the values that are being entered."""
    if head == "of":
        event, name = names
        return lambda env: (env.values if event == env.event else env.others.get(event, {})).get(name)
    (name,) = names
    if head == "previous":
        return lambda env: next(earlier(name, env, latest=True), None)
    return lambda env: next((value for value in earlier(name, env, latest=head == "last") if value is not None), None)
