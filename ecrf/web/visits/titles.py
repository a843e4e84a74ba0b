"""What a visit is called where it is shown, its state in words, and where it is filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from ecrf import visiting
from ecrf.engine import Sheet
from ecrf.models import Form, Visit
from ecrf.models.entries import sheet_url
from ecrf.models.forms import reader_language
from ecrf.progress import Progress


@dataclass(frozen=True)
class Line:
    """One visit as it is shown."""

    visit: Visit
    title: str
    state: Progress
    url: str

    @property
    def is_open(self) -> bool:
        """Whether there is anything to set by hand."""
        return not self.visit.actual or self.visit.dated_by_hand


class Titles:
    """What events are called, in the reader's language."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.language = reader_language()
        self.forms = {form.pk: form for form in forms}

    def of(self, form: UUID, event: str) -> str:
        found = self.forms.get(form)
        known = found.published.loaded.events.get(event) if found else None
        return found.published.loaded.text(known.title, self.language) if found and known else event

    def line(self, visit: Visit) -> Line:
        title = self.of(visit.form_id, visit.event)
        form = self.forms.get(visit.form_id, visit.form)
        events = form.published.loaded.events
        repeats = visit.event in events and events[visit.event].spec.get("repeats")
        return Line(
            visit,
            f"{title} {visit.instance}" if repeats else title,
            visiting.LOOKS[visiting.state_of(visit, timezone.localdate())],
            sheet_url("entry", visit.subject, form.key, Sheet(visit.event, "", visit.instance)),
        )
