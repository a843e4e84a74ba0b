"""Invite participants, one or many; withdraw, send again, and give a link by hand."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.models import AccessLink, Guest, Invitation, Origin, Questionnaire, Subject
from ecrf.services.participants import contacts, schedule, tokens
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

COLUMNS = ("subject", "email", "phone", "language")
MOST_ROWS = 5000
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Contact:
    """One line of a file of contacts."""

    row: int
    subject: Subject
    email: str
    phone: str
    language: str


@transaction.atomic
def invite(actor: Actor, questionnaire: Questionnaire, subject: Subject) -> Invitation:
    """Ask a participant; the mail leaves when the questionnaire opens for him. Raises Conflict."""
    access.require(actor, permissions.PARTICIPANTS, subject.project, site=subject.site, obj=subject)
    Subject.objects.select_for_update(of=("self",)).get(pk=subject.pk)
    if questionnaire.closed_at is not None:
        raise Conflict(_("This questionnaire is closed."), "closed")
    if questionnaire.invitations.filter(subject=subject, revoked_at=None).exists():
        raise Conflict(_("This participant is invited already."), "invited")
    opens_at = schedule.opening(questionnaire, subject)
    if opens_at is None:
        raise Conflict(
            _("The date from which this questionnaire opens isn’t known yet for this participant."), "no_date"
        )
    made = schedule.invitation(questionnaire, subject, opens_at, Origin.STAFF, account(actor))
    audit.record(actor, "ecrf.participant_invited", made, questionnaire=questionnaire.name)
    return made


def read_contacts(actor: Actor, project: Project, content: bytes) -> list[Contact]:
    """A CSV file with a line per participant. Raises Invalid with every wrong cell by row and column."""
    text = decoded(content)
    try:
        dialect = csv.Sniffer().sniff(text[:2000], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    lines = csv.DictReader(io.StringIO(text), dialect=dialect)
    try:
        rows = [row for _number, row in zip(range(MOST_ROWS + 1), lines, strict=False)]
    except csv.Error as error:
        raise Invalid([Fault("", "unreadable", _("This is no CSV file."))]) from error
    names = [name.strip().lower() for name in lines.fieldnames or ()]
    if "subject" not in names or not set(names) <= set(COLUMNS):
        columns = ", ".join(COLUMNS)
        raise Invalid(
            [Fault("1", "columns", _("The first line names the columns: %(columns)s.") % {"columns": columns})]
        )
    if len(rows) > MOST_ROWS:
        raise Invalid([Fault("", "too_many_rows", _("At most %(most)s lines.") % {"most": MOST_ROWS})])
    cells = [
        {name: str(row.get(own) or "").strip() for name, own in zip(names, lines.fieldnames or (), strict=True)}
        for row in rows
    ]
    numbers = {one["subject"] for one in cells}
    seen = Subject.objects.visible_to(actor, permissions.CONTACTS).filter(project=project, number__in=numbers)
    known = {one.number: one for one in seen.select_related("project", "site")}
    found, faults, twice = [], [], set()
    for number, line in enumerate(cells, start=2):
        subject = known.get(line["subject"])
        if subject is None:
            faults.append(Fault(f"{number}.subject", "subject", _("No subject of yours has this number.")))
            continue
        if subject.pk in twice:
            faults.append(Fault(f"{number}.subject", "twice", _("This subject stands in the file twice.")))
        twice.add(subject.pk)
        phone = contacts.plain_number(line.get("phone", ""))
        wrong = contacts.faults_of(line.get("email", ""), phone, line.get("language", ""))
        faults += [Fault(f"{number}.{one.place}", one.code, one.message) for one in wrong]
        if not line.get("email") and not phone:
            faults.append(Fault(f"{number}.email", "empty", _("Give an address or a number.")))
        found.append(Contact(number, subject, line.get("email", ""), phone, line.get("language", "")))
    if faults:
        raise Invalid(faults, _("Nobody was invited: correct the file."))
    return found


def decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Invalid([Fault("", "too_large", _("The file is too large."))])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


@transaction.atomic
def invite_many(actor: Actor, questionnaire: Questionnaire, lines: list[Contact]) -> tuple[int, int]:
    """Take the contacts and invite those who aren't. Says how many were invited, and how many were already."""
    invited = 0
    for line in lines:
        contacts.set_contact(actor, line.subject, line.email, line.phone, line.language)
        try:
            with transaction.atomic():
                invite(actor, questionnaire, line.subject)
        except Conflict:
            continue
        invited += 1
    return invited, len(lines) - invited


def held(actor: Actor, invitation: Invitation) -> Invitation:
    """The row, held, if the actor may act on it."""
    subject = invitation.subject
    access.require(actor, permissions.PARTICIPANTS, subject.project, site=subject.site, obj=invitation)
    rows = Invitation.objects.select_for_update(of=("self",)).select_related(
        "questionnaire", "subject__project", "subject__site"
    )
    return rows.get(pk=invitation.pk)


@transaction.atomic
def revoke(actor: Actor, invitation: Invitation) -> Invitation:
    """From now on no link of it opens anything, and visits that go on end; what was saved stays."""
    one = held(actor, invitation)
    if one.revoked_at is None:
        one.revoked_at, one.mail_at = timezone.now(), None
        one.save(update_fields=["revoked_at", "mail_at"])
        AccessLink.objects.filter(invitation=one, revoked_at=None).update(revoked_at=one.revoked_at)
        audit.record(actor, "ecrf.invitation_revoked", one, questionnaire=one.questionnaire.name)
    return one


@transaction.atomic
def resend(actor: Actor, invitation: Invitation) -> Invitation:
    """Have a mail leave with the next round. Raises Conflict where nothing is to be answered any more."""
    one = held(actor, invitation)
    person = getattr(one.subject, "participant", None)
    if not one.is_open:
        raise Conflict(_("This invitation isn’t open: nothing is sent."), "not_open")
    if person is None or not person.is_mailed:
        raise Conflict(_("No mail reaches this participant: look at his contact."), "no_contact")
    one.mail_at, one.failures = timezone.now(), 0
    one.save(update_fields=["mail_at", "failures"])
    audit.record(actor, "ecrf.invitation_resent", one, questionnaire=one.questionnaire.name)
    return one


@transaction.atomic
def make_link(actor: Actor, invitation: Invitation) -> str:
    """A link to give by hand; it is shown this once. Raises Conflict."""
    one = held(actor, invitation)
    if one.state in ("revoked", "expired") or (one.answered_at and not one.questionnaire.revisable):
        raise Conflict(_("This invitation isn’t open: no link would lead anywhere."), "not_open")
    secret = tokens.token()
    AccessLink.objects.create(invitation=one, kind=AccessLink.Kind.COPIED, digest=tokens.digest(secret))
    audit.record(actor, "ecrf.link_copied", one, questionnaire=one.questionnaire.name)
    return tokens.link(secret)


def visits_of(invitation: Invitation) -> int:
    """How many visits go on now."""
    return Guest.objects.filter(invitation=invitation, ended_at=None, expires_at__gt=timezone.now()).count()
