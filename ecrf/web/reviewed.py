"""What the entry page must know besides the values: where queries and verification are, what the study's rules say."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ecrf import rights
from ecrf.models import Entry
from ecrf.services.contexts import context_of
from ecrf.services.quality_rules import remarks_of


def reviewed(entry: Entry | None, pages: rights.PageRights = rights.EVERYTHING) -> dict[str, Any]:
    """Nothing of it as long as nothing was entered."""
    if entry is None:
        return {"record": None, "remarks": []}
    names = {
        "queries": "entry_queries",
        "open": "open_query",
        "verification": "entry_verification",
        "mark": "mark_verified",
    }
    slug = entry.subject.project.slug
    addresses = {name: reverse(f"ecrf:{route}", args=[slug, entry.pk]) for name, route in names.items()}
    context = context_of(entry.subject, form=entry.form, definition=entry.form.published.loaded, sheet=entry.sheet)
    definition = entry.form.published.loaded
    remarks = [one for one in remarks_of(entry, context) if pages.knows(definition, one["key"])]
    return {"record": addresses, "remarks": remarks}
