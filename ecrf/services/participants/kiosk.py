"""A tablet of the site, handed to a participant: the browser opens his questionnaire and nothing else.

The member's session is taken out of the browser and put aside here, sealed; his PIN brings it back, and five wrong ones
end it. So there is nothing in the browser that could be tricked: no address leads back.
"""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Conflict, Fault, Invalid
from ecrf import permissions
from ecrf.models import Guest, Origin, Questionnaire, Subject
from ecrf.services.participants import guests, rates, schedule, tokens
from ecrf.services.participants.faults import Shut, WrongPin
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

PIN = re.compile(r"[0-9]{4,8}")
TRIES = 5
LASTS = timedelta(hours=4)
"""A tablet that nobody gave back for so long has to be signed in on anew."""


@transaction.atomic
def hand_over(
    actor: Actor, questionnaire: Questionnaire, subject: Subject, pin: str, session_key: str, back: str, language: str
) -> str:
    """Begin a participant's visit on this tablet; gives the visit's secret. Raises Invalid, Conflict."""
    access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
    if not PIN.fullmatch(pin) or len(set(pin)) == 1:
        raise Invalid([Fault("pin", "pin", _("Choose 4 to 8 digits, not all the same."))])
    found = questionnaire.invitations.filter(subject=subject, revoked_at=None).first()
    if found is None:
        found = schedule.invitation(questionnaire, subject, timezone.now(), Origin.KIOSK, account(actor))
    try:
        guests.require_open(found)
    except Shut as shut:
        raise Conflict(shut.words, shut.code) from None
    if found.opened_at is None:
        found.opened_at = timezone.now()
        found.save(update_fields=["opened_at"])
    secret = guests.begin(questionnaire, found, language, member=account(actor))
    guest = Guest.objects.get(digest=tokens.digest(secret))
    guest.pin, guest.aside, guest.back = make_password(pin), session_key, back[:300]
    guest.expires_at = timezone.now() + LASTS
    guest.save()
    audit.record(actor, "ecrf.tablet_handed_over", found, questionnaire=questionnaire.name)
    return secret


def give_back(guest: Guest, pin: str) -> tuple[str, str]:
    """The session that was put aside and where its member goes on, for his PIN. Raises WrongPin, TooOften."""
    rates.count("pin")
    with transaction.atomic():
        rows = Guest.objects.select_for_update(of=("self",)).select_related("member", "questionnaire__form__project")
        held = rows.get(pk=guest.pk)
        key = held.aside
        if held.ended_at is not None or key is None:
            raise WrongPin(0)
        if check_password(pin[:20], held.pin):
            finish(held)
            audit.record(held.member, "ecrf.tablet_given_back", held.invitation)
            return key, held.back
        held.wrong_pins += 1
        Guest.objects.filter(pk=held.pk).update(wrong_pins=held.wrong_pins)
        if held.wrong_pins >= TRIES:
            forget(key)
            finish(held)
            audit.record(held.member, "ecrf.tablet_pin_failed", held.invitation, outcome="refused")
    raise WrongPin(TRIES - held.wrong_pins)


def finish(guest: Guest) -> None:
    Guest.objects.filter(pk=guest.pk).update(ended_at=timezone.now(), aside=None, pin="")


def forget(session_key: str) -> None:
    """End a session that is put aside, wherever sessions are kept."""
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    UserSession.objects.filter(session_key=session_key).delete()
    store(session_key=session_key).delete()


def close_over() -> None:
    """End the sessions that were put aside on tablets that nobody gave back in time."""
    over = Guest.objects.filter(ended_at=None, expires_at__lte=timezone.now()).exclude(member=None)
    for key in list(over.values_list("pk", flat=True)[:100]):
        with transaction.atomic():
            rows = Guest.objects.select_for_update(of=("self",), skip_locked=True)
            held = rows.select_related("questionnaire__form__project").filter(pk=key, ended_at=None).first()
            if held is not None:
                if held.aside:
                    forget(held.aside)
                finish(held)
