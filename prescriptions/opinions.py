"""Second opinions in the product: who is asked, what is kept of it, and what it says of a line as it stands now.

A reader of this machine is asked about lines that aren't sure. What it says is kept beside the line and changes nothing
in it: a person takes it, or doesn't. It is kept only where `engine/opinions/quoting.py` believes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prescriptions import engine, llm
from prescriptions.engine import agreement
from prescriptions.engine.opinions import offering
from prescriptions.models import Rules

if TYPE_CHECKING:
    from core.access.models import Project
    from prescriptions.models import Line


def are_available() -> bool:
    """Whether this instance has somebody to ask."""
    return llm.configured()


def are_wanted(project: Project) -> bool:
    """Whether the project has said that its unsure lines are read a second time, and somebody is there to do it."""
    return are_available() and Rules.objects.filter(project=project, opinions=True).exists()


@dataclass(frozen=True)
class Opinion:
    """What a second reader says of a line: who it is, its reading, and the fields in which it differs.

    One that isn't whole leaves words out from which the line was read: it is shown, and can't be taken.
    """

    by: str
    read: engine.Line
    is_whole: bool
    differs: tuple[str, ...]

    @property
    def is_offered(self) -> bool:
        """Whether a person may take it."""
        return self.is_whole and bool(self.differs)


def told(by: str, read: engine.Line, *, is_whole: bool) -> dict[str, Any]:
    """What is kept of it."""
    return {"by": by, "read": engine.encode(read), "whole": is_whole}


def of(line: Line) -> Opinion | None:
    """The opinion on a line, compared with its values now; none once it was cut anew, for it was on other words."""
    if line.opinion is None:
        return None
    read = engine.decode(engine.Line, line.opinion["read"])
    now = line.read
    if (read.start, read.end) != (now.start, now.end):
        return None
    return Opinion(line.opinion["by"], read, line.opinion["whole"], tuple(agreement.differences(now, read)))


def adopted(line: Line, opinion: Opinion) -> engine.Line:
    """The line as the second reader reads it, taken by a person."""
    return offering.adopted(line.read, opinion.read)
