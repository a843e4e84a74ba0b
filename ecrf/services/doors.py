"""What must hold for whoever writes as a person, by whichever way: README, «Doors»."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ecrf import rights
from ecrf.engine import Sheet
from ecrf.models import Form, Subject
from ecrf.services import double_plans, page_limits

if TYPE_CHECKING:
    from core.access.scope import Actor


@contextmanager
def acting_for(
    actor: Actor,
    subject: Subject,
    form: Form,
    sheet: Sheet,
    values: Mapping[str, Any],
    notes: Mapping[str, Any],
    complete: Mapping[str, bool],
) -> Iterator[None]:
    """Save inside this: the pages are his to fill in, none is his second entry, and he isn't told of hidden ones.

    Raises Invalid with what isn't his.
    """
    pages = rights.of(actor, form, subject.site)
    page_limits.check_pages(pages, subject, form, sheet, values, notes, complete)
    double_plans.check_first(actor, subject, form, sheet, [*values, *notes], complete)
    with page_limits.veiled(pages, form.published.loaded):
        yield
