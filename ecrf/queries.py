"""Reads that need more than a manager call: limited to what the actor may see, never more queries for more rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from core.access.models import Project, Site
from core.portal.search import Hit
from ecrf import engine, permissions
from ecrf.engine import Sheet
from ecrf.models import Draft, Entry, Form, Fragment, Subject

if TYPE_CHECKING:
    from core.access.scope import Actor, ScopedQuerySet


@dataclass(frozen=True)
class Change:
    """One item that a fragment changed; `before` and `after` are stored values."""

    key: str
    label: str
    by: str
    at: datetime
    number: int
    before: Any = None
    after: Any = None
    reason: str = ""


def forms_of(actor: Actor, project: Project) -> QuerySet[Form]:
    """The published forms of a project."""
    return (
        Form.objects.visible_to(actor)
        .filter(project=project, current__isnull=False)
        .select_related("current", "project")
        .defer("current__definition")
    )


def counted(actor: Actor, forms: Iterable[Form]) -> list[Form]:
    """These forms, with how many `records` of each the actor may see."""
    found = list(forms)
    seen = Entry.objects.visible_to(actor).filter(removed_at=None, form__in=found)
    numbers = dict(seen.order_by().values_list("form").annotate(Count("pk")))
    for form in found:
        form.records = numbers.get(form.pk, 0)  # type: ignore[attr-defined]
    return found


def insertable_forms() -> ScopedQuerySet[Form]:
    """Published forms of any project, from which pages may be taken by who reads them."""
    forms: ScopedQuerySet[Form] = Form.objects.filter(current__isnull=False)
    return forms.select_related("current", "project").order_by("project__name", "title")


def sites_to_include_at(actor: Actor, project: Project) -> QuerySet[Site]:
    """Where the actor may include subjects."""
    return Site.objects.visible_to(actor, permissions.SAVE).filter(project=project, retired_at=None)


def subjects_of(actor: Actor, project: Project) -> QuerySet[Subject]:
    return Subject.objects.visible_to(actor).filter(project=project).select_related("site", "project")


def entries_of(subjects: Iterable[Subject]) -> dict[tuple[Any, Any, Sheet], Entry]:
    """The entries of these subjects by subject, form and sheet, without opening a value; removed ones too."""
    rows = Entry.objects.filter(subject__in=list(subjects)).select_related("updated_by")
    entries = rows.defer("values", "notes", "marks", "scripts")
    return {(entry.subject_id, entry.form_id, entry.sheet): entry for entry in entries}


def changes_since(entry: Entry, base: int, definition: engine.Definition, language: str) -> list[Change]:
    """What was saved after a revision, oldest first, by the names of the items."""
    fragments = Fragment.objects.filter(entry=entry, number__gt=base).select_related("author").defer("values")
    return [
        Change(key, label_of(definition, key, language), fragment.by, fragment.created_at, fragment.number)
        for fragment in fragments
        for key in fragment.keys
    ]


def history(entry: Entry, definition: engine.Definition, language: str) -> list[Change]:
    """Every change of every value, the newest save first, each in the order of the form, with what it was before."""
    fragments = Fragment.objects.filter(entry=entry).select_related("author", "entry__subject").order_by("number")
    places = {key: place for place, key in enumerate(definition.items)}
    values: dict[str, Any] = {}
    found: list[Change] = []
    for fragment in fragments:
        for key in sorted(fragment.keys, key=lambda key: places.get(key, len(places)), reverse=True):
            after = fragment.values.get(key)
            label = label_of(definition, key, language)
            before = values.get(key)
            if before != after:
                found.append(
                    Change(
                        key,
                        label,
                        fragment.by,
                        fragment.created_at,
                        fragment.number,
                        before,
                        after,
                        fragment.reason,
                    )
                )
            values[key] = after
    return found[::-1]


def label_of(definition: engine.Definition, key: str, language: str) -> str:
    """The label of an item, or the title of a group of rows; the key of what the form has no more."""
    item, group = definition.items.get(key), definition.groups.get(key)
    texts = item.spec["label"] if item else group.spec.get("title") if group else None
    return definition.text(texts, language) or key


def incomplete(actor: Actor, *projects: Project) -> QuerySet[Entry]:
    """Records that are begun and not complete, where the actor may fill them in."""
    return Entry.objects.visible_to(actor, permissions.SAVE).filter(
        subject__project__in=projects, is_complete=False, locked_at=None, removed_at=None
    )


def may_look_at(actor: Actor, key: str) -> bool:
    """Whether the actor may see the record whose page this is: the subject's key, then the form's."""
    try:
        return Subject.objects.visible_to(actor).filter(pk=key.partition(":")[0]).exists()
    except ValidationError:
        return False


def may_look_at_draft(actor: Actor, key: str) -> bool:
    """Whether the actor may see the draft whose page this is."""
    try:
        return Draft.objects.visible_to(actor).filter(pk=key).exists()
    except ValidationError:
        return False


def search(actor: Actor, words: str) -> list[Hit]:
    """Subjects by their number."""
    subjects = Subject.objects.visible_to(actor).filter(number__icontains=words).select_related("project")[:20]
    return [
        Hit(subject.number, subject.get_absolute_url(), kind=_("Subject"), icon="user", project=str(subject.project))
        for subject in subjects
    ]
