"""Reading, exporting and verifying the journal, each of which is in the journal itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.access.people import require_administrator
from core.access.scope import limits_of
from core.errors import Conflict, Fault, Invalid
from core.journal import queries
from core.journal.models import Alert, Kind, Rule
from core.journal.watching import FIXED

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.accounts.models import User
    from core.jobs.models import Job

VERIFY = "audit.verify_journal"
ARCHIVE = "audit.archive_journal"
ANSWER = "audit.answer_alerts"
MOST = 100_000
LONGEST = 100_000
"""Characters of anchored heads."""


def require(actor: Actor, permission: str, project: Project | None) -> None:
    """The permission in the project; for what belongs to no project, being an administrator of the instance."""
    if project is not None:
        access.require(actor, permission, project)
    elif not queries.reads_instance(actor):
        raise PermissionDenied


def open_journal(actor: Actor, project: Project | None, *, own: bool = False, **asked: Any) -> None:
    """Before anything is shown: may he read it? Who reads the journal stands in it, with what he looked for.

    What one did oneself, everybody reads, if he came himself and not by a token.
    """
    _allow(actor, project, own=own)
    audit.record(actor, "audit.journal_read", project, project=project, **asked)


def export_journal(actor: Actor, project: Project | None, *, own: bool = False, **asked: Any) -> None:
    _allow(actor, project, own=own)
    audit.record(actor, "audit.journal_exported", project, project=project, **asked)


def _allow(actor: Actor, project: Project | None, *, own: bool) -> None:
    if not own:
        require(actor, queries.READ, project)
    elif limits_of(actor) is not None:
        raise PermissionDenied


def verify_journal(actor: Actor, project: Project | None, anchors: str = "") -> Job:
    """Have the whole chain proven, as a job; one at a time for each project.

    `anchors` are heads that somebody kept elsewhere, as text: what is here must lead to them.
    """
    require(actor, VERIFY, project)
    if len(anchors) > LONGEST:
        text = _("Give the lines with the heads alone: this is too much text.")
        raise Invalid([Fault("heads", "too-long", text)])
    arguments = {"anchors": anchors.replace("\0", "")} if anchors.strip() else {}
    return jobs.submit(actor, VERIFY, project=project, arguments=arguments, unique="verify")


def archive_journal(actor: User) -> Job:
    """Have what is older than AUDIT_KEEP_DAYS archived and pruned, as a job."""
    require_administrator(actor, ARCHIVE)
    return jobs.submit(actor, ARCHIVE, unique="archive")


def is_for_others(actor: Actor, alert: Alert) -> bool:
    """Whether it is about the actor himself, and somebody else may answer it."""
    if alert.person_id != actor.pk:
        return False
    return access.members_holding(ANSWER, alert.project).exclude(user=actor.pk).exists()


@transaction.atomic
def acknowledge(actor: Actor, alert: Alert, comment: str) -> Alert:
    """Say that somebody has looked at it, and what he found. Nobody answers his own, unless he is alone.

    Raises Conflict where it is for others, or where somebody else has answered it.
    """
    access.require(actor, ANSWER, alert.project, obj=alert)
    if is_for_others(actor, alert):
        raise Conflict(_("This alert is about what you did: somebody else answers it."), "own-alert")
    if not comment.strip():
        raise Invalid([Fault("comment", "required", _("Say what you found, or why it is all right."))])
    alert = Alert.objects.select_for_update(of=("self",)).select_related("project", "person").get(pk=alert.pk)
    if alert.acknowledged_at is not None:
        raise Conflict(_("Somebody else has answered it meanwhile."), "alert-answered")
    alert.acknowledged_at, alert.acknowledged_by_id, alert.comment = timezone.now(), actor.pk, comment.strip()
    alert.save(update_fields=["acknowledged_at", "acknowledged_by", "comment"])
    audit.record(actor, "audit.alert_answered", alert, rule=alert.kind)
    return alert


@transaction.atomic
def set_rule(actor: Actor, project: Project, kind: str, *, is_on: bool, threshold: int | None) -> Rule:
    """Switch a kind of alert on or off for a project, and say from how many on. Raises Invalid."""
    access.require(actor, ANSWER, project)
    if kind not in Kind.values:
        raise Invalid([Fault("kind", "unknown", _("There is no such rule."))])
    if threshold is not None and not 1 <= threshold <= MOST:
        raise Invalid([Fault("threshold", "range", _("Say a number from 1 to 100,000."))])
    if kind in FIXED:
        threshold = None
    rule, _made = Rule.objects.select_for_update().get_or_create(project=project, kind=kind)
    if (rule.is_on, rule.threshold) != (is_on, threshold):
        rule.is_on, rule.threshold = is_on, threshold
        rule.save()
        audit.record(actor, "audit.rule_set", project, project=project, rule=kind, on=is_on, number=threshold)
    return rule


def open_alerts(actor: Actor, project: Project) -> None:
    """Before alerts are shown: who looks at them stands in the journal."""
    require(actor, queries.READ, project)
    audit.record(actor, "audit.alerts_read", project, project=project)
