"""What proves that a campaign was held: each access with its decision, as a PDF that is kept and as CSV."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import audit, files, jobs
from core.audit import chain
from core.audit.models import Link
from core.reviews.engine.paper import Paper
from core.reviews.models import Campaign, Line
from core.web.templatetags.web import when

if TYPE_CHECKING:
    from core.accounts.models import User

KEEP = "reviews.keep_evidence"
KIND = "access-review"
MEDIA_TYPE = "application/pdf"
WIDTHS = [13, 10, 11, 7, 8, 8, 8, 5, 10, 9, 11]
"""Of the columns of the paper."""


def ask(actor: User, campaign: Campaign) -> None:
    """Note the head of the audit trail's chain in a campaign that is being closed, and have its evidence made.

    The evidence names the head, so what comes before it can't be changed; the trail then names the evidence.
    """
    last = Link.objects.order_by("-sequence").first()
    campaign.head_sequence = last.sequence if last else 0
    campaign.head_hash = bytes(last.hash) if last else chain.START
    make(actor, campaign)


def make(actor: User, campaign: Campaign) -> None:
    """Have the evidence of a closed campaign made, in the actor's name."""
    arguments = {"campaign_id": str(campaign.pk)}
    campaign.evidence_job = jobs.submit(actor, KEEP, project=campaign.project, arguments=arguments, subject=campaign)


def keep(actor: User, campaign: Campaign, content: bytes) -> None:
    """Keep the evidence of a closed campaign, once, and its fingerprint in the audit trail."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("project")
    campaign = rows.get(pk=campaign.pk)
    if campaign.evidence_id is not None:
        return
    campaign.evidence = files.store(
        actor, campaign.project, [content], name=f"{file_name(campaign)}.pdf", media_type=MEDIA_TYPE, kind=KIND
    )
    campaign.evidence_sha256 = hashlib.sha256(content).hexdigest()
    campaign.save(update_fields=["evidence", "evidence_sha256"])
    audit.record(actor, "reviews.evidence_kept", campaign, sha256=campaign.evidence_sha256)


def download(actor: User, campaign: Campaign) -> Iterator[bytes]:
    """The bytes of the evidence. Whoever calls has checked that it is there, and for the actor to see."""
    assert campaign.evidence is not None
    audit.record(actor, "reviews.evidence_downloaded", campaign, format="pdf")
    with files.open(campaign.evidence) as file:
        content = file.read()
    return iter([content])


def file_name(campaign: Campaign) -> str:
    return f"access-review-{campaign.created_at:%Y-%m-%d}-{str(campaign.pk)[:8]}"


def ordered(campaign: Campaign) -> list[Line]:
    rows = Line.objects.filter(campaign=campaign).select_related("project", "campaign__organisation")
    return list(rows.select_related("reviewer", "decided_by").order_by("project__name", "name", "pk"))


def table(campaign: Campaign, lines: list[Line]) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of all that is known of each access, in the reader's language."""
    heads = [
        _("Person"),
        _("Where"),
        _("Roles"),
        _("Sites"),
        _("Until"),
        _("Last sign-in"),
        _("Came by"),
        _("Second factor"),
        _("Decision"),
        _("By"),
        _("Reason"),
    ]
    return heads, [cells(line) for line in lines]


def cells(line: Line) -> list[str]:
    decided = line.get_decision_display()
    if line.decided_at:
        decided = f"{decided}, {when(line.decided_at)}"
    judge = line.decided_by if line.decided_at else line.reviewer
    by = str(judge) if judge else ""
    return [
        f"{line.name}\n{line.email}",
        str(line.place),
        ", ".join(line.role_names),
        ", ".join(line.sites) or _("all sites"),
        when(line.ends_at, "day") or _("without end"),
        when(line.last_sign_in, "day") or _("never"),
        str(line.get_origin_display()),
        _("yes") if line.second_factor else _("no"),
        decided,
        _("%(name)s (his own access)") % {"name": by} if by and line.is_own else by,
        line.reason,
    ]


def paper(campaign: Campaign) -> Paper:
    """The evidence in the words of the current language."""
    lines = ordered(campaign)
    heads, body = table(campaign, lines)
    counts = Counter(line.decision for line in lines)
    numbers = [f"{label} : {counts[value]}" if french() else f"{label}: {counts[value]}" for value, label in CHOICES]
    return Paper(
        language=(get_language() or "fr")[:2],
        title=_("Access review: %(name)s") % {"name": campaign.name},
        facts=[
            (_("Scope"), scope(campaign)),
            (_("Opened on"), f"{when(campaign.created_at)}, {campaign.opened_by}"),
            (_("Due on"), when(campaign.due_on)),
            (_("Closed on"), f"{when(campaign.closed_at or timezone.now())}, {campaign.closed_by}"),
            (_("Accesses"), f"{len(lines)} ({', '.join(numbers)})"),
            (_("Link of the audit trail"), f"{campaign.head_sequence}, {campaign.head}"),
            (_("Reference"), str(campaign.pk)),
        ],
        heads=heads,
        widths=WIDTHS,
        lines=body,
        closing=_(
            "The audit trail of the suite is a chain of hashes; the link named above was its last one when this review "
            "was closed. An event after it holds the SHA-256 of this document, so that neither can be changed unseen."
        ),
        page=_("Page"),
    )


CHOICES = list(Line.Decision.choices)


def french() -> bool:
    return (get_language() or "").startswith("fr")


def scope(campaign: Campaign) -> str:
    """What it is about, in words."""
    if campaign.project:
        return _("the project “%(name)s” (%(organisation)s)") % {
            "name": campaign.project,
            "organisation": campaign.organisation,
        }
    return _("the organisation “%(name)s” with all its projects") % {"name": campaign.organisation}
