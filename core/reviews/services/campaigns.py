"""Open a campaign over an organisation or a project, and close it with its evidence."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access import offices
from core.access.models import Project
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify
from core.reviews import evidence, reviewers, snapshot
from core.reviews.engine.reminding import next_day
from core.reviews.models import OVERSEE, Campaign, Line
from core.reviews.services.decisions import settle

if TYPE_CHECKING:
    from core.access.services.granting import Place

LONGEST = 120
MOST = 10_000
"""Accesses in a campaign: its evidence is laid out in memory."""


def require_oversee(actor: User, place: Place) -> None:
    """Go on only if the actor oversees who has access here. Raises Refused."""
    if isinstance(place, Project):
        access.require(actor, OVERSEE, place)
    else:
        offices.require(actor, offices.MANAGE, place)


@transaction.atomic
def open_campaign(actor: User, place: Place, name: str, due_on: date) -> Campaign:
    """Have every access in a place judged until a day; those who are to judge are told. Raises Invalid."""
    require_oversee(actor, place)
    name, today = name.strip(), timezone.localdate()
    faults = []
    if not 0 < len(name) <= LONGEST:
        faults.append(Fault("name", "required", _("Give it a name of up to 120 characters.")))
    if due_on <= today:
        faults.append(Fault("due_on", "past", _("Choose a day from tomorrow on.")))
    if faults:
        raise Invalid(faults)
    project = place if isinstance(place, Project) else None
    campaign = Campaign.objects.create(
        organisation=place.organisation if isinstance(place, Project) else place,
        project=project,
        name=name,
        due_on=due_on,
        opened_by=actor,
        remind_on=next_day(due_on, today),
    )
    lines = snapshot.lines(campaign)
    if len(lines) > MOST:
        message = _("There are more than %(most)s accesses: open a review for each project instead.")
        raise Invalid([Fault("place", "too-many", message % {"most": MOST})])
    reviewers.assign(lines)
    Line.objects.bulk_create(lines)
    audit.record(actor, "reviews.campaign_opened", campaign, accesses=len(lines), due=due_on.isoformat())
    shares = Counter(line.reviewer_id for line in lines if line.reviewer_id)
    for person in User.objects.filter(pk__in=shares):
        notify(
            [person],
            "reviews.assigned",
            project=project,
            url=campaign.get_absolute_url(),
            count=shares[person.pk],
            day=due_on.isoformat(),
        )
    return campaign


@transaction.atomic
def close(actor: User, campaign: Campaign) -> Campaign:
    """End the campaign and have its evidence kept; what nobody decided is listed as such. Raises Conflict if closed."""
    require_oversee(actor, campaign.place)
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("organisation", "project__organisation")
    campaign = rows.get(pk=campaign.pk)
    if campaign.closed_at is not None:
        raise Conflict(_("This access review is closed already."), "review-closed")
    settle(campaign)
    campaign.closed_at, campaign.closed_by = timezone.now(), actor
    left = Line.objects.filter(campaign=campaign).open().count()
    audit.record(actor, "reviews.campaign_closed", campaign, undecided=left)
    evidence.ask(actor, campaign)
    campaign.save()
    return campaign


@transaction.atomic
def make_evidence(actor: User, campaign: Campaign) -> Campaign:
    """Have the evidence made once more, where its job has failed or its owner is gone; it names the same link.

    Raises Conflict while the campaign is open or its job lives, and where the evidence is kept.
    """
    require_oversee(actor, campaign.place)
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("project__organisation", "evidence_job")
    campaign = rows.get(pk=campaign.pk)
    if campaign.closed_at is None:
        raise Conflict(_("The evidence isn’t there yet: it is made when the review is closed."), "no-evidence")
    if campaign.evidence_id is not None:
        raise Conflict(_("The evidence is kept already."), "evidence-kept")
    if campaign.evidence_job is not None and campaign.evidence_job.is_live:
        raise Conflict(_("The evidence is being made."), "evidence-under-way")
    evidence.make(actor, campaign)
    campaign.save(update_fields=["evidence_job"])
    audit.record(actor, "reviews.evidence_asked", campaign)
    return campaign
