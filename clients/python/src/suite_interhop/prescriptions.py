"""Prescriptions in three lines.

```python
from suite_interhop import Suite, prescriptions

with Suite("https://suite.example", token="suite_…") as suite:
    for line in prescriptions.analyse(suite, "etude-sepsis", "ordonnance.pdf").lines:
        print(line.medication["name"])
```
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite_interhop.api.prescriptions import PrescriptionsAnswered

if TYPE_CHECKING:
    from suite_interhop import Suite

PATH = "/api/v1/prescriptions/analyses/"


class Unread(Exception):
    """The file can't be read: why, and what to do."""


@dataclass(frozen=True)
class Analysis:
    """What was read of one prescription: its key where it was kept, and its lines."""

    id: str | None
    lines: list[Any] = field(default_factory=list)
    answer: Any = None
    """All that the suite said."""


def analyse(
    suite: Suite,
    project: str,
    file: str | PathLike[str] | None = None,
    *,
    text: str | None = None,
    keep: bool = True,
    pause: float = 2.0,
    patience: float = 600.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Analysis:
    """Read a file, or a text, and wait for its lines.

    With `keep=False` nothing of it stays on the server. Raises Unread for what can't be read, TimeoutError after
    `patience` seconds, and the Problems of every call.
    """
    calls = suite.prescriptions.analyses
    if file is None:
        body: Any = {"project": project, "keep": keep, "text": text or ""}
        first = calls.create(body).analyses[0]
    else:
        form = {"project": project, "keep": "true" if keep else "false", "file": Path(file)}
        first = calls._transport.call(PrescriptionsAnswered, "POST", PATH, form=form).analyses[0]
    waited = 0.0
    while first.state in ("waiting", "reading"):
        if waited >= patience:
            raise TimeoutError(f"analysis {first.id} isn't ready after {patience:.0f} s: ask for it later")
        sleep(pause)
        waited += pause
        first = calls.get(str(first.id))
    if first.state == "twice":
        first = calls.get(str(first.same_as))
    if first.state == "failed":
        raise Unread(first.fault)
    kept = first.prescription.lines if first.prescription else []
    lines = first.reading.lines if first.reading else [line.reading for line in kept]
    return Analysis(str(first.id) if first.id else None, list(lines), first)
