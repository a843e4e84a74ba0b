"""Ask for an erasure, confirm it, think better of it; and have done what is due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.access.people import is_administrator, require_administrator
from core.access.scope import limits_of
from core.accounts.models import User
from core.erasure.models import Erasure
from core.errors import Conflict, Fault, Invalid
from core.jobs.models import Job
from core.notices.services import notify

if TYPE_CHECKING:
    from core.access.models import Project

DESTROY = "vault.destroy_key"
MANAGE = "access.manage_people"
TASK = "erasure.erase"
LONGEST = 2000


@transaction.atomic
def ask_for_project(actor: User, project: Project, reason: str, confirmation: str) -> Erasure:
    """Ask that a project be erased: its name typed, with a reason. Somebody else confirms it."""
    access.require(actor, DESTROY, project)
    return ask(actor, Erasure(project=project, asked_by=actor), reason, confirmation, project.slug)


@transaction.atomic
def ask_for_person(actor: User, person: User, reason: str, confirmation: str) -> Erasure:
    """Ask that a person's account and personal data be erased. Raises Conflict for one's own account."""
    require_administrator(actor, MANAGE)
    if person.pk == actor.pk:
        raise Conflict(_("Nobody erases his own account. Ask another administrator."), "own-account")
    return ask(actor, Erasure(person=person, asked_by=actor), reason, confirmation, person.email)


def ask(actor: User, erasure: Erasure, reason: str, confirmation: str, name: str) -> Erasure:
    faults = []
    if not 0 < len(reason.strip()) <= LONGEST:
        faults.append(Fault("reason", "required", _("Say why, without naming a patient.")))
    if confirmation != name:
        faults.append(Fault("confirmation", "differs", _("Type “%(name)s” to confirm.") % {"name": name}))
    if faults:
        raise Invalid(faults)
    erasure.reason = reason.strip()
    try:
        with transaction.atomic():
            erasure.save(force_insert=True)
    except IntegrityError:
        raise Conflict(_("Its erasure was asked for already."), "already-asked") from None
    audit.record(actor, "erasure.asked", erasure, project=erasure.project, reason=erasure.reason, kind=erasure.kind)
    told = [person for person in confirmers(erasure) if person.pk != actor.pk]
    notify(told, "erasure.asked", url=erasure.get_absolute_url(), urgent=True, who=str(actor), what=str(erasure))
    return erasure


def confirmers(erasure: Erasure) -> list[User]:
    """Who may confirm it or withdraw it: of a project its controllers, of both who runs the instance."""
    people = {user.pk: user for user in User.objects.filter(is_administrator=True, is_active=True)}
    if erasure.project is not None:
        rows = access.members_holding(DESTROY, erasure.project).select_related("user")
        people |= {row.user_id: row.user for row in rows}
    return list(people.values())


def may_decide(actor: User, erasure: Erasure) -> bool:
    if limits_of(actor) is not None:
        return False  # a program erases nothing
    return is_administrator(actor) or (erasure.project is not None and access.can(actor, DESTROY, erasure.project))


def require_decide(actor: User, erasure: Erasure) -> None:
    if not may_decide(actor, erasure):
        raise access.Refused(actor, DESTROY, erasure.project, erasure)


def held(erasure: Erasure) -> Erasure:
    """The row, locked."""
    rows = Erasure.objects.select_for_update(of=("self",)).select_related("project", "person", "asked_by")
    return rows.get(pk=erasure.pk)


@transaction.atomic
def confirm(actor: User, erasure: Erasure) -> Erasure:
    """From now on the time runs after which it is done. By somebody else than who asked. Raises Conflict."""
    require_decide(actor, erasure)
    erasure = held(erasure)
    if erasure.state != "asked":
        raise Conflict(_("This erasure was decided already."), "decided")
    if actor.pk == erasure.asked_by_id:
        raise Conflict(_("Somebody else has to confirm what you asked for."), "second-person")
    erasure.confirmed_by, erasure.confirmed_at = actor, timezone.now()
    erasure.due_at = erasure.confirmed_at + timedelta(days=settings.ERASURE_DAYS)
    erasure.save(update_fields=["confirmed_by", "confirmed_at", "due_at"])
    due = erasure.due_at.isoformat()
    audit.record(actor, "erasure.confirmed", erasure, project=erasure.project, kind=erasure.kind, due=due)
    tell(erasure, "erasure.confirmed", day=date_format(timezone.localtime(erasure.due_at).date()))
    return erasure


@transaction.atomic
def withdraw(actor: User, erasure: Erasure) -> Erasure:
    """Nothing will be erased. By any who may confirm it, as long as its time hasn't come. Raises Conflict."""
    require_decide(actor, erasure)
    erasure = held(erasure)
    if not erasure.can_be_withdrawn:
        raise Conflict(_("This erasure can’t be withdrawn any more."), "decided")
    erasure.withdrawn_by, erasure.withdrawn_at = actor, timezone.now()
    erasure.save(update_fields=["withdrawn_by", "withdrawn_at"])
    audit.record(actor, "erasure.withdrawn", erasure, project=erasure.project, kind=erasure.kind)
    tell(erasure, "erasure.withdrawn")
    return erasure


def tell(erasure: Erasure, kind: str, **words: str) -> None:
    """Those who may decide hear it, and the person himself whose account it is."""
    people = confirmers(erasure) + ([erasure.person] if erasure.person else [])
    details: dict[str, Any] = {"what": str(erasure), **words}
    notify(people, kind, url=erasure.get_absolute_url(), urgent=True, **details)


def start_due() -> int:
    """Have a job do what is due, in the name of who asked, or else of who confirmed it; gives how many."""
    rows = Erasure.objects.filter(due_at__lte=timezone.now(), withdrawn_at=None, done_at=None)
    started = 0
    for pk in rows.values_list("pk", flat=True):
        with transaction.atomic():
            erasure = rows.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if erasure is None or jobs_of(erasure):
                continue
            owner = erasure.asked_by if erasure.asked_by.is_active else erasure.confirmed_by
            assert owner is not None
            arguments = {"erasure": str(pk)}
            job = jobs.submit(owner, TASK, arguments=arguments, subject=erasure, unique=str(pk))
            Erasure.objects.filter(pk=pk).update(job_id=job.pk)
            started += 1
    return started


def jobs_of(erasure: Erasure) -> bool:
    """Whether a job is at it."""
    return Job.objects.live().filter(task=TASK, unique=str(erasure.pk)).exists()
