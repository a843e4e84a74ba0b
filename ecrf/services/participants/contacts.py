"""How participants are reached: kept sealed, changed and read by who may, erased without touching answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Fault, Invalid
from ecrf import permissions
from ecrf.models import Invitation, Participant, Subject

if TYPE_CHECKING:
    from core.access.scope import Actor

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


def faults_of(email: str, phone: str, language: str) -> list[Fault]:
    """What is wrong with a contact, by its parts."""
    found = []
    if email:
        try:
            validate_email(email)
        except ValidationError:
            found.append(Fault("email", "email", _("This is no e-mail address.")))
    if len(email) > 254:
        found.append(Fault("email", "email", _("This is no e-mail address.")))
    if phone and not PHONE.fullmatch(phone):
        found.append(Fault("phone", "phone", _("Write the number with its country: +33 6 12 34 56 78.")))
    if language and not LANGUAGE.fullmatch(language):
        found.append(Fault("language", "language", _("Write the code of a language: fr, en, ar.")))
    return found


def plain_number(phone: str) -> str:
    return re.sub(r"[\s().-]", "", phone[:40])


@transaction.atomic
def set_contact(actor: Actor, subject: Subject, email: str, phone: str, language: str) -> Participant:
    """Where this participant is reached from now on. Raises Invalid."""
    access.require(actor, permissions.CONTACTS, subject.project, site=subject.site, obj=subject)
    email, phone = email.strip(), plain_number(phone)
    if faults := faults_of(email, phone, language):
        raise Invalid(faults)
    found = Participant.objects.select_for_update(of=("self",)).filter(subject=subject).first()
    person = found or Participant(subject=subject)
    person.subject = subject
    if email != (person.email or ""):
        person.bounced_at = None
    person.email, person.phone, person.language = email or None, phone or None, language or "fr"
    person.save()
    fields = [name for name, value in (("email", email), ("phone", phone), ("language", language)) if value]
    audit.record(actor, "ecrf.contact_changed", person, fields=fields)
    return person


@transaction.atomic
def erase_contact(actor: Actor, person: Participant) -> None:
    """Forget how this participant is reached; he gets no more mails, and his answers stay."""
    subject = person.subject
    access.require(actor, permissions.CONTACTS, subject.project, site=subject.site, obj=person)
    Invitation.objects.filter(subject=subject).update(mail_at=None)
    audit.record(actor, "ecrf.contact_erased", person)
    person.delete()
