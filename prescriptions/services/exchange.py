"""Prescriptions leave: as a file at once, or as a dataset by a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.access.models import Project
from core.errors import Fault, Invalid
from core.jobs.models import Job
from prescriptions import blinding, leaving, permissions, queries, reference
from prescriptions.formats import DATASETS, FORMS
from prescriptions.models import Document

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST = 200
"""Prescriptions of one file; more of them are a dataset."""


@dataclass(frozen=True)
class Download:
    name: str
    media_type: str
    content: bytes


def export_documents(
    actor: Actor, project: Project, documents: Sequence[Document], form: str, *, unreviewed: bool = False
) -> Download:
    """The prescriptions in one file, in the language of now. Only reviewed ones, unless the others are asked for.

    Raises Invalid where there are none, too many, or ones that nobody has reviewed.
    """
    access.require(actor, permissions.EXPORT, project)
    written = FORMS.get(form)
    if written is None:
        raise Invalid([Fault("form", "unknown", _("There is no such format."))])
    drafts = [one for one in documents if one.status != Document.Status.REVIEWED]
    if not documents:
        raise Invalid([Fault("numbers", "none", _("There is no prescription to export."))])
    if drafts and not unreviewed:
        names = ", ".join(str(one.number) for one in drafts[:10])
        message = _("Not reviewed yet: %(numbers)s. Review them first, or ask for them with the unreviewed ones.")
        raise Invalid([Fault("unreviewed", "not_reviewed", message % {"numbers": names})])
    for draft in drafts:
        blinding.require_open(actor, draft)
    if len(documents) > MOST:
        message = _("One file holds %(most)s prescriptions at most: choose fewer, or export a dataset.")
        raise Invalid([Fault("numbers", "too_many", message % {"most": MOST})])
    lines = queries.lines_by_document(documents)
    edition = reference.in_use()[1]
    found = [leaving.sent(one, lines[one.pk], edition) for one in documents]
    audit.record(
        actor, "prescriptions.documents_exported", documents[0] if len(documents) == 1 else None, project=project,
        format=form, documents=len(documents), lines=sum(len(one.medications) for one in found),
        unreviewed=len(drafts),
    )  # fmt: skip
    name = f"{_('prescription')}-{documents[0].number}" if len(documents) == 1 else f"{_('prescriptions')}"
    return Download(f"{name}.{written.suffix}", written.media_type, written.write(found).encode())


@transaction.atomic
def start_dataset(actor: Actor, project: Project, form: str, *, unreviewed: bool = False) -> Job:
    """Publish every prescription of the project in a format, as a dataset, by a job. Raises Invalid."""
    access.require(actor, permissions.EXPORT, project)
    if form not in DATASETS:
        raise Invalid([Fault("form", "unknown", _("There is no such format."))])
    audit.record(actor, "prescriptions.dataset_asked", project=project, format=form, unreviewed=int(unreviewed))
    return jobs.submit(
        actor, "prescriptions.export_dataset", project=project, unique=f"{project.pk} {form} {unreviewed}",
        arguments={"project_id": str(project.pk), "form": form, "unreviewed": unreviewed},
    )  # fmt: skip
