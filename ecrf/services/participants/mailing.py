"""Mails to participants: invitations and reminders, in their language, without a word of what they are asked.

The scheduler sends them. A row is held until the mail server has taken its mail: it leaves once.
"""

from __future__ import annotations

import logging
import smtplib
import time
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from ecrf.models import AccessLink, Invitation, Participant, Questionnaire
from ecrf.services.participants import tokens

logger = logging.getLogger(__name__)
SALT = "ecrf.participants.stop"
UNSENT = (smtplib.SMTPException, OSError)
ROUND = 20.0
"""Seconds after which the scheduler's other duties have their turn."""
LATER = timedelta(minutes=10)
MOST_FAILURES = 10


def send_due() -> int:
    """Send each mail that is due. Says how many left."""
    sent, until = 0, time.monotonic() + ROUND
    now = timezone.now()
    due = Invitation.objects.filter(mail_at__lte=now, revoked_at=None, answered_at=None).order_by("mail_at")
    for key in list(due.values_list("pk", flat=True)[:500]):
        try:
            sent += send_one(key)
        except UNSENT as error:
            logger.warning("invitation %s could not be mailed now (%s)", key, type(error).__name__)
            put_off(key)
        if time.monotonic() > until:
            break
    return sent


def put_off(key: UUID) -> None:
    """Try again later; after many failures it waits for somebody to resend it."""
    found = Invitation.objects.get(pk=key)
    failures = found.failures + 1
    mail_at = timezone.now() + LATER * failures if failures < MOST_FAILURES else None
    Invitation.objects.filter(pk=key).update(failures=failures, mail_at=mail_at)


@transaction.atomic
def send_one(key: UUID) -> bool:
    rows = Invitation.objects.select_for_update(of=("self",), skip_locked=True)
    related = ("questionnaire__form__current", "questionnaire__form__project", "subject__project", "subject__site")
    one = rows.select_related(*related).filter(pk=key, mail_at__lte=timezone.now()).first()
    if one is None:
        return False
    person = Participant.objects.filter(subject=one.subject).select_related("subject__project").first()
    if person is None or not person.is_mailed or not one.is_open or one.subject.project.archived_at:
        Invitation.objects.filter(pk=one.pk).update(mail_at=None)
        return False
    secret = tokens.token()
    AccessLink.objects.create(invitation=one, kind=AccessLink.Kind.MAIL, digest=tokens.digest(secret))
    now = timezone.now()
    one.mails += 1
    one.mailed_at, one.failures, one.mail_at = now, 0, following(one.questionnaire, one, now)
    one.save(update_fields=["mails", "mailed_at", "failures", "mail_at"])
    audit.record(None, "ecrf.invitation_mailed", one, questionnaire=one.questionnaire.name, count=one.mails)
    try:
        message(one, person, tokens.link(secret)).send()
    except smtplib.SMTPRecipientsRefused:  # the address is wrong: no mail goes there before somebody looks at it
        Participant.objects.filter(pk=person.pk).update(bounced_at=now)
        Invitation.objects.filter(pk=one.pk).update(mail_at=None)
        audit.record(None, "ecrf.contact_refused", person)
        return False
    return True


def following(questionnaire: Questionnaire, one: Invitation, now: datetime) -> datetime | None:
    """When the next reminder leaves: None after the last one, or where it would come too late."""
    if one.mails > questionnaire.reminders:
        return None
    at = now + timedelta(days=max(1, questionnaire.remind_days))
    return at if at < one.closes_at else None


def spoken(language: str) -> str:
    """The language of our own words for somebody: his, where the suite speaks it."""
    known = dict(settings.LANGUAGES)
    return language if language in known else settings.LANGUAGE_CODE


def message(one: Invitation, person: Participant, link: str) -> EmailMessage:
    questionnaire = one.questionnaire
    stop = settings.PUBLIC_URL + reverse("participate:stop", args=[signing.dumps(str(person.pk), salt=SALT)])
    with translation.override(spoken(person.language)):
        words = {
            "own": questionnaire.text("mail", person.language),
            "study": questionnaire.study_name,
            "is_reminder": one.mails > 1,
            "until": one.closes_at,
            "link": link,
            "stop": stop,
        }
        title = _("Reminder: a questionnaire to fill in") if one.mails > 1 else _("A questionnaire to fill in")
        subject = f"{questionnaire.study_name} – {title}" if questionnaire.study_name else title
        return written(questionnaire, person, subject, render_to_string("ecrf/participants/mail.txt", words), stop)


def written(questionnaire: Questionnaire, person: Participant, subject: str, text: str, stop: str = "") -> EmailMessage:
    """A mail in the name of the study; programs of mail may show its way out."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    sender = formataddr((questionnaire.sender, address)) if questionnaire.sender else settings.DEFAULT_FROM_EMAIL
    headers = {"Auto-Submitted": "auto-generated"}
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(subject, text, sender, [str(person.email)], headers=headers)


def return_mail(questionnaire: Questionnaire, person: Participant, code: str) -> EmailMessage:
    """The code by which he goes on, asked for by himself."""
    with translation.override(spoken(person.language)):
        address = settings.PUBLIC_URL + reverse("participate:come_back")
        text = _("To go on with your questionnaire, open %(address)s and type this code: %(code)s") % {
            "address": address,
            "code": code,
        }
        return written(questionnaire, person, _("Your code to go on"), text)


@transaction.atomic
def stop(token: str) -> bool:
    """No more mails to the person who got this one. False where the token isn't ours."""
    try:
        key = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return False
    person = Participant.objects.select_for_update(of=("self",)).select_related("subject").filter(pk=key).first()
    if person is not None and person.unsubscribed_at is None:
        person.unsubscribed_at = timezone.now()
        person.save(update_fields=["unsubscribed_at"])
        Invitation.objects.filter(subject=person.subject).update(mail_at=None)
        audit.record(None, "ecrf.contact_unsubscribed", person)
    return True
