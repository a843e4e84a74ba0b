"""Import a form, look at it, publish it. What is published never changes; the next version follows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from ecrf import engine, messages, permissions, rights
from ecrf.engine import exchange
from ecrf.engine.redcap import from_redcap
from ecrf.engine.versions import carried_over
from ecrf.models import Draft, DraftReview, DraftState, Form, FormVersion
from ecrf.services.people import account
from ecrf.services.reviews import approval_of, needs_approval
from ecrf.services.verification_counts import count
from ecrf.services.visits import follow_version

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def read_form(
    actor: Actor,
    project: Project,
    content: bytes,
    *,
    title: str,
    source: str,
    kind: str | None = None,
    language: str = "fr",
    translations: Mapping[str, bytes] | None = None,
    ranges: str = "warn",
    form: Form | None = None,
) -> Draft:
    """Read a form of any format into a draft. Raises Invalid with every fault of the file, and keeps nothing.

    `source` is the name of the file, `kind` that of its format, else found out; `title` may be empty where the file has
    one. `translations` and `ranges` are for REDCap's dictionaries.
    """
    access.require(actor, permissions.DESIGN, project)
    title = form.title if form else title.strip()
    try:
        name = kind or exchange.detect(content, source)
        if name == "redcap-dictionary":
            found, warnings = from_redcap(
                content, title={language: title}, language=language, translations=translations, ranges=ranges
            )
        else:
            if translations:
                faults = [engine.Fault("translation", "translation_elsewhere")]
                raise engine.Refused(faults)
            read = exchange.read(content, source=name, filename=source, language=language)
            found, warnings, name = read.definition, read.remarks, read.format
    except engine.Refused as refused:
        faults_ = [messages.of_definition(fault) for fault in refused.faults]
        raise Invalid(faults_, _("This form can’t be used: nothing was imported.")) from None
    title = title or found.text(found.data["title"], language)
    key = form.key if form else slugify(title)[:50].strip("-")
    if not key:
        raise Invalid([Fault("title", "required", _("Give the form a title."))])
    if form is None and Form.objects.filter(project=project, key=key).exists():
        raise Invalid([Fault("title", "taken", _("Another form has this title."))])
    draft = Draft.objects.create(
        project=project,
        form=form,
        key=key,
        title=title[:200],
        definition=found.data,
        warnings=[{"place": fault.place, "code": fault.code, "params": asdict(fault)["params"]} for fault in warnings],
        source=f"{source[:150]} ({exchange.FORMATS[name].title})" if name in exchange.FORMATS else source[:200],
        author=account(actor),
        updated_by=account(actor),
        base=form.current if form else None,
    )
    DraftState.objects.create(draft=draft, revision=1, definition=found.data, author=account(actor))
    audit.record(
        actor, "ecrf.dictionary_read", draft, form=key, format=name, fields=len(found.items), warnings=len(warnings)
    )
    return draft


read_dictionary = read_form
"""What it was called when REDCap's dictionaries were the only format."""


def download_form(actor: Actor, form: Form, to: str) -> tuple[bytes, list[engine.Fault]]:
    """The current version of a form in a format, and what that can't say. Raises Invalid for an unknown format."""
    access.require(actor, permissions.READ, form.project, obj=form)
    try:
        version = form.published
        version.form = form
        content, losses = exchange.write(rights.definition_of(actor, version), to)
    except engine.Refused as refused:
        raise Invalid([messages.of_definition(fault) for fault in refused.faults]) from None
    audit.record(actor, "ecrf.form_downloaded", form, format=to, version=form.published.number)
    return content, losses


@transaction.atomic
def publish_draft(actor: Actor, draft: Draft) -> FormVersion:
    """Make the draft the current version of its form, a new one where there is none. Choices in use are never lost."""
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    held = Draft.objects.select_for_update(of=("self",)).select_related("project").filter(pk=draft.pk).first()
    if held is None:
        raise Conflict(_("This draft was published or discarded in the meantime."), "gone")
    draft = held
    if draft.problems:
        raise Conflict(_("The draft still has faults: mend them first."), "faults")
    approval = approval_of(draft)
    if approval is None and needs_approval(draft.project):
        raise Conflict(_("In this project somebody else approves a form before it is published."), "approval")
    form = draft.form or begun(draft)
    form = Form.objects.select_for_update(of=("self",)).select_related("current").get(pk=form.pk)
    previous = form.current
    try:
        definition = draft.loaded
        for earlier in FormVersion.objects.filter(form=form).order_by("-number"):
            definition = engine.load(carried_over(earlier.loaded, definition))
    except engine.Refused as refused:  # both are sound, and don't go together: codes that differ by their case only
        faults = [messages.of_definition(fault) for fault in refused.faults]
        message = _(
            "This form doesn’t go with the choices of the published version, which stay: nothing was published."
        )
        raise Invalid(faults, message) from None
    if previous and previous.hash == definition.hash:
        raise Conflict(_("This is the same form as the published one: there is nothing to publish."), "unchanged")
    version = FormVersion.objects.create(
        form=form,
        number=previous.number + 1 if previous else 1,
        definition=definition.data,
        hash=definition.hash,
        source=draft.source,
        warnings=draft.warnings,
        published_by=account(actor),
    )
    form.current = version
    if form.title != draft.title:
        form.title = draft.title
    form.save(update_fields=["current", "title"])
    if previous:
        count(form)
    follow_version(actor, form, previous)
    DraftReview.objects.filter(draft=draft).update(version=version, draft=None)
    draft.delete()
    audit.record(
        actor,
        "ecrf.version_published",
        form,
        version=version.number,
        hash=version.hash,
        fields=len(definition.items),
        approved=approval is not None,
    )
    return version


def begun(draft: Draft) -> Form:
    """The form that the draft begins. Raises Conflict where another draft of the same title was published before."""
    Project.objects.select_for_update(of=("self",)).get(pk=draft.project_id)
    if Form.objects.filter(project=draft.project, key=draft.key).exists():
        text = _("A form of this title was published in the meantime: import the dictionary as its next version.")
        raise Conflict(text, "taken")
    return Form.objects.create(project=draft.project, key=draft.key, title=draft.title)


@transaction.atomic
def discard_draft(actor: Actor, draft: Draft) -> None:
    access.require(actor, permissions.DESIGN, draft.project, obj=draft)
    audit.record(actor, "ecrf.draft_discarded", draft, form=draft.key)
    draft.delete()
