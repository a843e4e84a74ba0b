"""Judge accesses: what is confirmed stays, what is revoked ends at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access.models import Membership
from core.access.services import end_membership
from core.access.services.granting import require_manage
from core.errors import Conflict, Fault, Invalid
from core.reviews import reviewers
from core.reviews.models import Campaign, Line, LineQuerySet

if TYPE_CHECKING:
    from uuid import UUID

    from core.accounts.models import User

Decision = Line.Decision
LONGEST = 2000


@dataclass(frozen=True)
class Verdict:
    """What somebody says about one access."""

    line: UUID
    decision: str
    reason: str = ""


@transaction.atomic
def decide(actor: User, campaign: Campaign, verdicts: Sequence[Verdict]) -> list[Line]:
    """Confirm or revoke accesses of a campaign, all or none; what is confirmed may be revoked until it is closed.

    Raises Invalid with each fault by the place of its verdict, Conflict where the campaign is closed.
    """
    if Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk).closed_at is not None:
        raise Conflict(_("This access review is closed: nothing in it is decided any more."), "review-closed")
    rows = (
        Line.objects.visible_to(actor)
        .filter(campaign=campaign)
        .select_related("campaign__organisation", "project__organisation", "membership__user")
    )
    lines = rows.in_bulk([verdict.line for verdict in verdicts])
    for place in {line.place for line in lines.values()}:
        require_manage(actor, place)
    alive = set(Membership.objects.active().filter(pk__in=[line.membership_id for line in lines.values()]).in_bulk())
    active = Membership.objects.active()
    standing = list(Line.objects.filter(campaign=campaign, membership__in=active).values_list("pk", flat=True))
    faults: list[Fault] = []
    seen: set[UUID] = set()
    for index, verdict in enumerate(verdicts):
        line = lines.get(verdict.line)
        if verdict.line in seen:
            found: Fault | None = Fault("line", "twice", _("This access is named twice."))
        else:
            found = fault(actor, verdict, line, alive) or end(actor, lines[verdict.line], verdict)
        seen.add(verdict.line)
        if found is not None:
            faults.append(Fault(f"verdicts.{index}.{found.place}", found.code, found.message))
    if faults:
        raise Invalid(faults)
    for verdict in verdicts:  # last: whoever ends a membership elsewhere holds the place first, then its lines
        write(actor, lines[verdict.line], verdict)
    if any(verdict.decision == Decision.REVOKED for verdict in verdicts):
        note_ended(Line.objects.filter(pk__in=standing, decision=Decision.CONFIRMED))  # of what ended along with it
    settle(campaign)
    return list(Line.objects.filter(pk__in=lines).select_related("project"))


def fault(actor: User, verdict: Verdict, line: Line | None, alive: Collection[UUID]) -> Fault | None:
    """What is wrong with one verdict, before anything is done."""
    if line is None:
        return Fault("line", "unknown", _("There is no such access in this review."))
    if verdict.decision not in (Decision.CONFIRMED, Decision.REVOKED):
        return Fault("decision", "unknown", _("An access is confirmed or revoked."))
    if line.decision in (Decision.REVOKED, Decision.ENDED) or line.membership_id not in alive:
        return Fault("line", "over", _("%(name)s: this access has ended already.") % {"name": line.name})
    reason = verdict.reason.strip()
    if len(reason) > LONGEST or (verdict.decision == Decision.REVOKED and not reason):
        return Fault("reason", "required", _("Say in a sentence why it is revoked."))
    if line.person_id == actor.pk and reviewers.others(line):
        return Fault("line", "own-access", _("%(name)s: nobody judges his own access alone.") % {"name": line.name})
    return None


def end(actor: User, line: Line, verdict: Verdict) -> Fault | None:
    """End what is revoked, or say why it can't be."""
    if verdict.decision == Decision.REVOKED:
        try:
            end_membership(actor, line.membership, verdict.reason.strip())
        except Conflict as error:
            return Fault("line", error.code, f"{line.name}: {error.message}")
    return None


def write(actor: User, line: Line, verdict: Verdict) -> None:
    line.decision, line.reason = verdict.decision, verdict.reason.strip()
    line.decided_by, line.decided_at = actor, timezone.now()
    line.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    revoked = line.decision == Decision.REVOKED
    action = "reviews.access_revoked" if revoked else "reviews.access_confirmed"
    own = line.person_id == actor.pk
    audit.record(actor, action, line, reason=line.reason, member=str(line.person_id), own=own)


def settle(campaign: Campaign) -> None:
    """Note of the open lines whose access has ended otherwise that there is nothing left to decide."""
    note_ended(Line.objects.filter(campaign=campaign).open())


def note_ended(lines: LineQuerySet) -> None:
    """Say of those of these lines whose access is over that it has ended."""
    gone, now = lines.exclude(membership__in=Membership.objects.active()), timezone.now()
    for line in gone.select_related("membership"):
        ended_at = min(line.membership.ends_at or now, now)  # without an end of its own, it went with what it came from
        ended = {"decision": Decision.ENDED, "decided_at": ended_at, "decided_by": line.membership.ended_by_id}
        Line.objects.filter(pk=line.pk, decision=line.decision).update(**ended)


def settle_all() -> None:
    """The same for every campaign that is open: nobody should be asked about what is gone."""
    for campaign in Campaign.objects.filter(closed_at=None):
        settle(campaign)
