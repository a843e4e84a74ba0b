"""The numbers that scripts draw: counters, and groups in permuted blocks. Once for a subject and a key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecrf.models import Entry, Form, ScriptCounter, ScriptDraw, Subject

MOST_KEYS = 100


@dataclass(frozen=True)
class Draw:
    value: int
    secret: bool


def drawn(subject: Subject, form: Form) -> dict[str, Draw]:
    """What the subject got so far, by key."""
    rows = ScriptDraw.objects.filter(subject=subject, form=form).select_related("subject__project")
    return {row.key: Draw(row.value, row.secret) for row in rows}


def told(draws: Mapping[str, Draw]) -> dict[str, int]:
    """What a script may know: nothing that it asked to be secret."""
    return {key: one.value for key, one in draws.items() if not one.secret}


def wanted(counters: Mapping[str, Any], had: Mapping[str, Draw]) -> dict[str, Mapping[str, Any]]:
    """The counters that a script asks for and the subject hasn't drawn from."""
    return {key[:200]: one for key, one in list(counters.items())[:MOST_KEYS] if key[:200] not in had}


def draw(subject: Subject, form: Form, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, Draw]:
    """Take the next number of each, at the subject's site. What a transaction takes and gives up is nobody's."""
    found: dict[str, Draw] = {}
    for key, how in sorted(asked.items()):
        ScriptCounter.objects.get_or_create(form=form, site=subject.site, key=key, defaults={"state": {}})
        row = (
            ScriptCounter.objects.select_for_update(of=("self",))
            .select_related("form__project")
            .get(form=form, site=subject.site, key=key)
        )
        state = dict(row.state or {})
        value = from_block(state, how) if how.get("randomize") else state.get("last", 0) + 1
        row.state = {**state, "last": value}
        row.save(update_fields=["state"])
        found[key] = Draw(value, bool(how.get("secret")))
    return found


def from_block(state: dict[str, Any], how: Mapping[str, Any]) -> int:
    """A group of 1 to `max`: each once in a block, in an order that nobody knows."""
    groups = how.get("max")
    size = groups if isinstance(groups, int) and 2 <= groups <= 32 else 2
    left = [one for one in state.get("block", ()) if one <= size]
    if not left or state.get("size") != size:
        left = list(range(1, size + 1))
        secrets.SystemRandom().shuffle(left)
    value, *rest = left
    state |= {"block": rest, "size": size}
    return int(value)


def keep(entry: Entry, draws: Mapping[str, Draw]) -> None:
    """Write down what the subject got at this save."""
    ScriptDraw.objects.bulk_create(
        ScriptDraw(subject=entry.subject, form=entry.form, entry=entry, key=key, value=one.value, secret=one.secret)
        for key, one in draws.items()
    )
