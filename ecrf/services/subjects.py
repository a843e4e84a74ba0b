"""Include a subject: the next number of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from core import access, audit
from core.access.models import Site
from ecrf import permissions
from ecrf.models import Subject
from ecrf.services import visits
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def include_subject(actor: Actor, site: Site) -> Subject:
    """A new subject of the site, ``BRO-007`` after ``BRO-006``; two at once get two numbers."""
    access.require(actor, permissions.SAVE, site.project, site=site)
    site = Site.objects.select_for_update(of=("self",)).select_related("project").get(pk=site.pk)
    last = Subject.objects.filter(site=site).aggregate(last=Max("sequence"))["last"] or 0
    sequence = last + 1
    subject = Subject.objects.create(
        project=site.project,
        site=site,
        sequence=sequence,
        number=f"{site.code}-{sequence:03}",
        included_by=account(actor),
    )
    visits.refresh_all(subject)
    audit.record(actor, "ecrf.subject_included", subject, number=subject.number, site=site.code)
    return subject
