"""Build a form: begin a draft, save it however unfinished it is, go back to an earlier state of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.engine import library
from ecrf.engine.definition import canonical
from ecrf.engine.drafting import faults_of
from ecrf.models import Draft, DraftState, Form
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

KEPT_STATES = 50
ONE_SITTING = timedelta(minutes=5)
"""Saves of one person that follow each other this closely are one state of the history."""
MAX_DEFINITION = 8_000_000
"""Characters of the canonical text."""


class StaleDraft(Conflict):
    """Somebody saved since the caller read: `draft` is what there is now."""

    def __init__(self, draft: Draft) -> None:
        text = _("%(who)s saved this form in the meantime.") % {"who": draft.updated_by or draft.author}
        super().__init__(text, "stale")
        self.draft = draft


@transaction.atomic
def begin_draft(
    actor: Actor, project: Project, title: str, languages: Sequence[str], *, template: str = "empty"
) -> Draft:
    """A draft of a new form, made from a template of the library. Raises Invalid."""
    access.require(actor, permissions.DESIGN, project)
    languages = list(dict.fromkeys(languages))
    if not languages:
        raise Invalid([Fault("languages", "required", _("Choose at least one language."))])
    title, key = named(project, title)
    data = library.begun(template, dict.fromkeys(languages, title), languages)
    if data is None:
        raise Invalid([Fault("template", "unknown", _("This template doesn’t exist."))])
    return made(actor, project, data, key=key, title=title, source=_("Made here"))


@transaction.atomic
def begin_next(actor: Actor, form: Form) -> Draft:
    """A draft of the next version of a form, as it is published now."""
    access.require(actor, permissions.DESIGN, form.project, obj=form)
    version = form.published
    source = _("Version %(number)s") % {"number": version.number}
    data = copy.deepcopy(version.definition)
    return made(actor, form.project, data, key=form.key, title=form.title, source=source, form=form)


def made(
    actor: Actor, project: Project, data: dict[str, Any], *, key: str, title: str, source: str, form: Form | None = None
) -> Draft:
    draft = Draft.objects.create(
        project=project,
        form=form,
        base=form.current if form else None,
        key=key,
        title=title,
        definition=data,
        problems=problems_of(data),
        source=source[:200],
        author=account(actor),
        updated_by=account(actor),
    )
    DraftState.objects.create(draft=draft, revision=1, definition=data, author=account(actor))
    audit.record(actor, "ecrf.draft_begun", draft, form=key)
    return draft


def named(project: Project, title: str) -> tuple[str, str]:
    """The title and the key of a new form. Raises Invalid where there is none or another form has it."""
    title = title.strip()[:200]
    key = slugify(title)[:50].strip("-")
    if not key:
        raise Invalid([Fault("title", "required", _("Give the form a title."))])
    if Form.objects.filter(project=project, key=key).exists():
        raise Invalid([Fault("title", "taken", _("Another form has this title."))])
    return title, key


def problems_of(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The faults of a definition as they are kept with a draft."""
    return [{"place": one.place, "code": one.code, "params": dict(one.params)} for one in faults_of(data)]


def held(draft: Draft) -> Draft:
    """The draft, locked against others. Raises Conflict where it is gone."""
    rows = Draft.objects.select_for_update(of=("self",)).select_related("project", "form", "author", "updated_by")
    found = rows.filter(pk=draft.pk).first()
    if found is None:
        raise Conflict(_("This draft was published or discarded in the meantime."), "gone")
    return found


@transaction.atomic
def save_draft(actor: Actor, draft: Draft, data: Mapping[str, Any], base: int) -> Draft:
    """Save the definition on revision `base`, finished or not. Raises StaleDraft where somebody saved in between."""
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    draft = held(draft)
    if draft.revision != base:
        raise StaleDraft(draft)
    if len(canonical(data)) > MAX_DEFINITION:
        raise Invalid([Fault("", "too_large", _("This form is too large to be saved."))])
    if data == draft.definition:
        return draft
    return put(actor, draft, dict(data))


def put(actor: Actor, draft: Draft, data: dict[str, Any]) -> Draft:
    """The next state of a draft that is held; close saves of the same person become one state of its history."""
    draft.definition, draft.problems = data, problems_of(data)
    draft.revision += 1
    draft.updated_by = account(actor)
    draft.save(update_fields=["definition", "problems", "revision", "updated_by", "updated_at"])
    last = DraftState.objects.filter(draft=draft).first()
    sitting = last and last.revision > 1 and last.author_id == draft.updated_by.pk
    if last and sitting and timezone.now() - last.created_at < ONE_SITTING:
        last.definition, last.revision = data, draft.revision
        last.save(update_fields=["definition", "revision", "updated_at"])
    else:
        DraftState.objects.create(draft=draft, revision=draft.revision, definition=data, author=draft.updated_by)
        kept = DraftState.objects.filter(draft=draft).values("pk")[:KEPT_STATES]
        DraftState.objects.filter(draft=draft).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        audit.record(actor, "ecrf.draft_saved", draft, form=draft.key, revision=draft.revision)
    return draft


@transaction.atomic
def restore_draft(actor: Actor, draft: Draft, revision: int, base: int) -> Draft:
    """Go back to an earlier state; the present one stays in the history. Raises StaleDraft, Conflict."""
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    draft = held(draft)
    if draft.revision != base:
        raise StaleDraft(draft)
    state = DraftState.objects.filter(draft=draft, revision=revision).first()
    if state is None:
        raise Conflict(_("This state is no longer kept."), "gone")
    return put(actor, draft, state.definition)


@transaction.atomic
def rename_draft(actor: Actor, draft: Draft, title: str) -> Draft:
    """Give the draft another title; a form that exists keeps its key. Raises Invalid."""
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    draft = held(draft)
    if draft.form_id:
        if not title.strip():
            raise Invalid([Fault("title", "required", _("Give the form a title."))])
        draft.title = title.strip()[:200]
    else:
        draft.title, draft.key = named(draft.project, title)
    draft.save(update_fields=["title", "key"])
    audit.record(actor, "ecrf.draft_renamed", draft, form=draft.key)
    return draft
