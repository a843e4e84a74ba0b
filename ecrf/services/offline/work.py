"""Work done offline on one sheet: what of it its author may save there, and which version of the form reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.errors import Fault
from ecrf import engine, messages, rights
from ecrf.engine import Sheet
from ecrf.engine.merging import Given
from ecrf.models import Entry, Form, Subject
from ecrf.services import contexts, double_plans, keeping, noting
from ecrf.services.offline.sent import Sent

if TYPE_CHECKING:
    from core.access.scope import Actor


class Work:
    """One sheet as it is now, and what of the work on it may be asked to be saved."""

    def __init__(
        self, actor: Actor, subject: Subject, form: Form, old: engine.Definition, sheet: Sheet, at: datetime
    ) -> None:
        self.definition, self.old = form.published.loaded, old
        self.rights = rights.of(actor, form, subject.site)
        self.context = contexts.context_of(subject, at, form=form, definition=old, sheet=sheet)
        self.groups = {*self.definition.groups, *old.groups}
        self.statuses: dict[str, bool] = {**old.statuses, **self.definition.statuses}
        self.plan = double_plans.plan_of(form)
        twice = self.plan.pages if self.plan else []
        self.seconded = double_plans.seconded(actor, subject, form, sheet, twice, self.plan) if self.plan else set()

    def replaces(self, status: str) -> bool:
        """Whether a status stands in place of a value."""
        return self.statuses.get(status, False)

    def permitted(self, sent: Sent) -> tuple[Given, list[Fault]]:
        """Of what was sent, what is on pages that the actor may fill in and in places that some version has."""
        left: list[Fault] = []
        kept: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        for found, given in zip(kept, (sent.mine.values, sent.mine.notes), strict=True):
            for place, own in given.items():
                key = place.partition("[")[0]
                page = keeping.page_of(self.definition, key) or keeping.page_of(self.old, key)
                code = self.refusal(page)
                if not code and found is kept[1] and noting.item_at(self.definition, place) is None:
                    code = "unknown_variable"
                if code:
                    why = double_plans.not_twice() if code == "not_twice" else messages.words(code, {})
                    left.append(Fault(str(place)[:220], code, why))
                else:
                    found[place] = own
        return Given(*kept), left

    def refusal(self, page: str) -> str:
        """Why the actor may not write to a page of this or the device's version; empty where he may."""
        is_gone = not any(one.key == page for one in self.definition.pages)
        if not page or not self.rights.reads(page) or (is_gone and not self.rights.whole):
            return "unknown_variable"
        if not self.rights.edits(page):
            return "readonly"
        return "not_twice" if page in self.seconded else ""

    def completed(self, sent: Sent, entry: Entry | None) -> tuple[dict[str, bool], list[str]]:
        """What he may say of pages; and those called complete that aren't his or wait to be reconciled."""
        wanted = [page for page, done in sent.complete.items() if done]
        waiting = {*double_plans.waiting_pages(self.plan, entry, wanted), *self.seconded}
        refused = {page for page in sent.complete if page in waiting or not self.rights.edits(page)}
        kept = {page: done for page, done in sent.complete.items() if page not in refused}
        return kept, [page for page in wanted if page in refused]

    def split(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[Fault]]:
        """What the form asks; what only the version asked that the device had; what not even that can read."""
        asked: dict[str, Any] = {}
        unasked: dict[str, Any] = {}
        left: list[Fault] = []
        for key, value in values.items():
            if self.definition.holds(key) and (self.old is self.definition or self.reads(self.definition, key, value)):
                asked[key] = value
            elif self.reads(self.old, key, value):
                unasked[key] = value
            elif self.definition.holds(key):
                asked[key] = value
            else:
                left.append(Fault(key, "unknown_variable", messages.words("unknown_variable", {})))
        return asked, unasked, left

    def reads(self, definition: engine.Definition, key: str, value: Any) -> bool:
        """Whether a version asks for a value and takes this one."""
        item = definition.items.get(key)
        if not definition.holds(key) or (item is not None and not item.is_input):
            return False
        state = engine.evaluate(definition, {key: value}, self.context)
        return not any(key in (found.key, found.row.partition("[")[0]) for found in state.errors)
