"""Ask for an export, now or again and again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.access.models import Project
from core.errors import Fault, Invalid
from core.jobs.models import Schedule
from ecrf import permissions
from ecrf.models import Export, Form
from ecrf.services.exports import levels
from ecrf.services.exports.choices import DATASET, Choices, checked, read_choices
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

REPEATED = "ecrf.export_again"


@transaction.atomic
def start_export(
    actor: Actor, form: Form, format_: str = DATASET, choices: Choices | None = None, **more: Any
) -> Export:
    """Export the form's records as a job. `more` are choices by name; asked again while it runs, it is the same one.

    Raises Refused where the actor may not export so much of persons, Invalid with every choice that can't be.
    """
    choices = choices or read_choices(more)
    levels.require_level(actor, form, choices.level)
    if format_ == DATASET:
        access.require(actor, permissions.EXPORT, form.project, obj=form)
    checked(form, format_, choices)
    export = Export(form=form, author=account(actor), format=format_, choices=choices.as_json(), level=choices.level)
    export.since = earlier(actor, form, choices)
    # a dataset is the project's; a file is its author's, who may see other sites than the next one
    same_work = [format_, export.choices, "" if format_ == DATASET else str(actor.pk)]
    job = jobs.submit(
        actor,
        "ecrf.export_entries" if format_ == DATASET else "ecrf.make_export",
        project=form.project,
        arguments={"export_id": str(export.pk)},
        subject=export,
        unique=f"{form.pk} {hashlib.sha256(json.dumps(same_work).encode()).hexdigest()}",
    )
    if same := Export.objects.filter(job=job.pk).select_related("form__project", "form__current").first():
        return same
    export.job = job.pk
    export.save(force_insert=True)
    tell(actor, export)
    return export


def tell(actor: Actor, export: Export) -> None:
    audit.record(
        actor,
        "ecrf.export_asked",
        export.form,
        format=export.format,
        identifiers=export.level == "full",
        level=export.level,
        files=bool(export.choices.get("files")),
        sealed=bool(export.choices.get("recipient")),
    )


def earlier(actor: Actor, form: Form, choices: Choices) -> Export | None:
    """The export since which it is to be. Raises Invalid where there is none that can be continued."""
    if not choices.since:
        return None
    done = Export.objects.visible_to(actor).filter(form=form, finished_at__isnull=False).exclude(format=DATASET)
    if choices.since != "last":
        try:
            done = done.filter(pk=UUID(choices.since))
        except ValueError:
            done = done.none()
    rows = done.exclude(marks=b"").order_by("-created_at").defer("marks")[:200]
    found = next((one for one in rows if read_choices(one.choices).selection == choices.selection), None)
    if found is None and choices.since != "last":
        text = _("Only an export with the same records (sites, events, pages, persons) can be continued.")
        raise Invalid([Fault("since", "other_selection", text)])
    return found


@transaction.atomic
def schedule_export(actor: Actor, form: Form, format_: str, choices: Choices, every: str) -> Schedule:
    """Have this export made again and again, in the actor's name. Raises as `start_export`."""
    levels.require_level(actor, form, choices.level)
    checked(form, format_, choices)
    if format_ == DATASET:
        access.require(actor, permissions.EXPORT, form.project, obj=form)
    row = jobs.schedule(
        actor,
        REPEATED,
        every=every,
        project=form.project,
        arguments={"form_id": str(form.pk), "format_": format_, "choices": choices.as_json()},
        key=str(uuid4()),
    )
    audit.record(actor, "ecrf.export_scheduled", form, format=format_, every=every, level=choices.level)
    return row


@transaction.atomic
def unschedule_export(actor: Actor, project: Project, key: str) -> None:
    """No longer make it; who may export what it holds may end it."""
    row = schedules(project).filter(key=key).first()
    if row is None:
        return
    form = Form.objects.select_related("project", "current").get(pk=row.arguments["form_id"])
    levels.require_level(actor, form, read_choices(row.arguments["choices"]).level)
    jobs.unschedule(actor, REPEATED, project=project, key=key)
    audit.record(actor, "ecrf.export_unscheduled", form, format=row.arguments["format_"], every=row.every)


def schedules(project: Project) -> Any:
    return Schedule.objects.filter(task=REPEATED, project=project).select_related("owner", "last_job")
