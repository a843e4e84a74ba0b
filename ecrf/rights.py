"""Which pages of a form somebody may read, fill in and export: what his memberships say beyond his permissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from core.access.models import Site
from ecrf import engine
from ecrf.engine.expressions import elsewhere, references
from ecrf.engine.narrowing import names_of, narrow_values, narrowed
from ecrf.models import Form, FormVersion
from ecrf.models.page_rights import EVERYTHING, ExportLevel, PageRights, rights_of

if TYPE_CHECKING:
    from core.access.scope import Actor
    from ecrf.models import Entry, QualityRule
    from ecrf.queries import Change

__all__ = [
    "EVERYTHING",
    "ExportLevel",
    "PageRights",
    "by_site",
    "context_for",
    "definition_of",
    "known_changes",
    "known_rules",
    "of",
    "of_entry",
    "shown_definition",
    "state_for",
    "values_for",
]

DESIGN = "ecrf.design_forms"


def of(actor: Actor, form: Form, site: Site | None = None) -> PageRights:
    """What the actor may do with each page of the form: at this site, or anywhere."""
    return rights_of(actor, form, site.pk if site else None)


def by_site(actor: Actor, form: Form) -> Callable[[Any], PageRights]:
    """The rights at a site by its key, worked out once for each."""
    return cache(lambda site: rights_of(actor, form, site))


def of_entry(actor: Actor, entry: Entry) -> PageRights:
    return of(actor, entry.form, entry.subject.site)


def shown_definition(actor: Actor, version: FormVersion) -> dict[str, Any]:
    """A version as the actor may know it: whole for who makes forms, else without the pages that he nowhere reads."""
    from core import access

    form = version.form
    pages = of(actor, form)
    if pages.whole or access.can(actor, DESIGN, form.project):
        return dict(version.definition)
    known = {page["key"] for page in form.published.definition["pages"]}
    asked = {page["key"] for page in version.definition["pages"]}
    return narrowed(version.loaded, pages.hidden | (asked - known))[0]


def definition_of(actor: Actor, version: FormVersion) -> engine.Definition:
    """The same, compiled."""
    shown = shown_definition(actor, version)
    return version.loaded if shown == version.definition else engine.load(shown)


def state_for(pages: PageRights, definition: engine.Definition, state: engine.Evaluated) -> engine.Evaluated:
    """An evaluation of the whole sheet without what it says of pages that aren't read."""
    if pages.whole:
        return state
    kept = names_of(definition, pages.hidden)

    def known(place: str) -> bool:
        return place.partition("[")[0] not in kept and place.rpartition(".")[2] not in kept

    return replace(
        state,
        values=narrow_values(state.values, kept),
        visible=frozenset(filter(known, state.visible)),
        findings=tuple(finding for finding in state.findings if finding.key not in kept),
        defaults=frozenset(filter(known, state.defaults)),
        recomputed=frozenset(filter(known, state.recomputed)),
        pages={key: page for key, page in state.pages.items() if key not in kept},
        required=frozenset(filter(known, state.required)),
        readonly=frozenset(filter(known, state.readonly)),
        offered={place: codes for place, codes in state.offered.items() if known(place)},
        titles=narrow_values(state.titles, kept),
    )


def values_for(pages: PageRights, definition: engine.Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values or notes by place: those of pages that are read; what isn't asked any more, with all pages."""
    if pages.whole:
        return dict(values)
    return {place: value for place, value in values.items() if pages.knows(definition, place)}


def context_for(pages: PageRights, definition: engine.Definition, context: engine.Context) -> engine.Context:
    """What expressions know of the rest of the casebook, without the pages that aren't read."""
    if pages.whole:
        return context
    kept = names_of(definition, pages.hidden)
    return replace(
        context,
        base=narrow_values(context.base, kept),
        copies={
            page: [narrow_values(copy, kept) for copy in found]
            for page, found in context.copies.items()
            if page not in kept
        },
        others={event: narrow_values(values, kept) for event, values in context.others.items()},
    )


def known_changes(pages: PageRights, definition: engine.Definition, changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if pages.knows(definition, change.key)]


def known_rules(actor: Actor, rules: Iterable[QualityRule]) -> list[QualityRule]:
    """The rules of quality that read nothing of a page that the actor nowhere reads."""
    found = []
    for rule in rules:
        pages = of(actor, rule.form)
        if pages.whole:
            found.append(rule)
            continue
        definition = rule.form.published.loaded
        read = {rule.text.item, *references(rule.text.tree), *(name for _, name in elsewhere(rule.text.tree))}
        if read.isdisjoint(names_of(definition, pages.hidden)):
            found.append(rule)
    return found
