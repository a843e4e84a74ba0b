"""Let a participant in by what he holds: a link, a return code, the public link; and know him while he answers."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from core.accounts.models import User
from ecrf.models import AccessLink, Guest, Invitation, Participant, Proof, Questionnaire
from ecrf.services.participants import mailing, rates, sms, tokens
from ecrf.services.participants.faults import Shut

LASTS = timedelta(hours=1)
"""A visit that nobody uses is over; what was saved is there at the next."""
CODE_LASTS = timedelta(minutes=15)
MOST_WRONG, MOST_CODES = 5, 6
"""Wrong codes at one visit, and codes sent for one invitation in an hour."""
GUEST = ("questionnaire__form__project", "questionnaire__form__current", "questionnaire__public_site")
INVITED = ("invitation__subject__project", "invitation__subject__site", "invitation__questionnaire", "member")


def enter(secret: str) -> str:
    """Begin a visit with the token of a link; gives the visit's own secret. Raises Shut, TooOften."""
    rates.count("door")
    return by_link(AccessLink.objects.exclude(kind=AccessLink.Kind.RETURN), tokens.digest(secret), "unknown")


def enter_by_code(code: str) -> str:
    """Go on by a return code, on whatever device. Raises Shut, TooOften."""
    rates.count("return")
    links = AccessLink.objects.filter(kind=AccessLink.Kind.RETURN)
    return by_link(links, tokens.keyed(tokens.plain(code), "return"), "return")


@transaction.atomic
def by_link(links: object, digest: str, unknown: str) -> str:
    related = ("invitation__questionnaire__form", "invitation__subject__project")
    link = links.select_related(*related).filter(digest=digest).first()  # type: ignore[attr-defined]
    if link is None:
        raise Shut(unknown)
    if link.revoked_at is not None:
        raise Shut("revoked")
    invitation = link.invitation
    require_open(invitation)
    now = timezone.now()
    AccessLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now)
    if invitation.opened_at is None:
        Invitation.objects.filter(pk=invitation.pk).update(opened_at=now)
    audit.record(None, "ecrf.participant_entered", invitation, questionnaire=invitation.questionnaire.name)
    person = Participant.objects.filter(subject=invitation.subject_id).first()
    return begin(invitation.questionnaire, invitation, person.language if person else "")


@transaction.atomic
def enter_publicly(secret: str) -> str:
    """Begin a visit by the public link of a questionnaire: a subject there is only once something is saved."""
    rates.count("public")
    asked = Questionnaire.objects.select_related("form__project").filter(public_digest=tokens.digest(secret)).first()
    if asked is None:
        raise Shut("unknown")
    require_place(asked)
    return begin(asked, None, "")


def begin(
    questionnaire: Questionnaire, invitation: Invitation | None, language: str, *, member: User | None = None
) -> str:
    secret = tokens.token()
    Guest.objects.create(
        questionnaire=questionnaire,
        invitation=invitation,
        digest=tokens.digest(secret),
        language=language_of(questionnaire, language),
        is_proved=questionnaire.proof == Proof.NONE or invitation is None or member is not None,
        expires_at=timezone.now() + LASTS,
        member=member,
    )
    return secret


def language_of(questionnaire: Questionnaire, wanted: str) -> str:
    """One of the form's languages: the wanted one, else the one of the pages, else its first."""
    there = questionnaire.form.published.loaded.languages
    return next((one for one in (wanted, translation.get_language() or "") if one in there), there[0])


def require_open(invitation: Invitation) -> None:
    """Answers are taken now. Raises Shut."""
    now = timezone.now()
    if invitation.revoked_at is not None:
        raise Shut("revoked")
    if invitation.answered_at is not None and not invitation.questionnaire.revisable:
        raise Shut("answered")
    if invitation.questionnaire.closed_at is not None or invitation.subject.project.archived_at is not None:
        raise Shut("closed")
    if invitation.closes_at <= now:
        raise Shut("expired")
    if invitation.opens_at > now:
        raise Shut("planned")


def require_place(questionnaire: Questionnaire) -> None:
    """One more participant may come by the public link. Raises Shut."""
    if not questionnaire.is_open_to_anybody or questionnaire.form.project.archived_at is not None:
        raise Shut("closed")
    most = questionnaire.public_most
    if most is not None and questionnaire.invitations.filter(origin="public").count() >= most:
        raise Shut("full")


def visiting(secret: str) -> Guest | None:
    """Whose visit this secret is, if it lasts."""
    rows = Guest.objects.select_related(*GUEST, *INVITED)
    return rows.filter(digest=tokens.digest(secret), ended_at=None, expires_at__gt=timezone.now()).first()


def require_lasting(guest: Guest) -> None:
    """The visit goes on: its questionnaire still takes answers. Raises Shut."""
    if guest.ended_at is not None or guest.expires_at <= timezone.now():
        raise Shut("ended")
    if guest.invitation is not None:
        require_open(guest.invitation)
    else:
        require_place(guest.questionnaire)


def prolong(guest: Guest) -> None:
    """He is there: his visit goes on for a while."""
    now = timezone.now()
    until = max(guest.expires_at, now + LASTS)
    Guest.objects.filter(pk=guest.pk).update(used_at=now, expires_at=until)


def speak(guest: Guest, language: str) -> None:
    """Show him the form in another of its languages."""
    if language in guest.questionnaire.form.published.loaded.languages:
        Guest.objects.filter(pk=guest.pk).update(language=language)


def end(guest: Guest) -> None:
    Guest.objects.filter(pk=guest.pk, ended_at=None).update(ended_at=timezone.now())


@transaction.atomic
def send_code(guest: Guest) -> None:
    """Send a one-time code to the address or number that the study has. Raises Shut, TooOften."""
    rates.count("code")
    held = Guest.objects.select_for_update(of=("self",)).select_related("questionnaire", "invitation").get(pk=guest.pk)
    hour = timezone.now() - timedelta(hours=1)
    lately = Guest.objects.filter(invitation=held.invitation_id, created_at__gt=hour)
    if (lately.aggregate(all=Sum("codes"))["all"] or 0) >= MOST_CODES:
        raise Shut("too_many_codes")
    person = Participant.objects.select_related("subject__project").filter(subject__invitations=held.invitation).first()
    code = tokens.one_time_code()
    held.code_digest, held.code_until = tokens.keyed(code, str(held.pk)), timezone.now() + CODE_LASTS
    held.codes += 1
    held.save(update_fields=["code_digest", "code_until", "codes"])
    with translation.override(mailing.spoken(person.language if person else "")):
        text = _("Your code is %(code)s. It lasts 15 minutes. Nobody will ever ask you for it.") % {"code": code}
        title = _("Your code")
    if held.questionnaire.proof == Proof.SMS:
        if person is None or not person.phone or not sms.is_offered():
            raise Shut("no_way")
        try:
            sms.send(str(person.phone), text)
        except sms.NotSent:
            raise Shut("no_way") from None
    elif person is None or not person.email:
        raise Shut("no_way")
    else:
        mailing.written(held.questionnaire, person, title, text).send()


def prove(guest: Guest, code: str) -> None:
    """Let him in who has the code; five wrong ones end the visit. Raises Shut, TooOften."""
    rates.count("code")
    with transaction.atomic():
        held = Guest.objects.select_for_update().get(pk=guest.pk)
        fits = bool(held.code_digest) and tokens.same(plain_digits(code), held.code_digest, str(held.pk))
        if fits and held.code_until is not None and held.code_until > timezone.now():
            Guest.objects.filter(pk=held.pk).update(is_proved=True, code_digest="")
            return
        Guest.objects.filter(pk=held.pk).update(wrong_codes=F("wrong_codes") + 1)
        if held.wrong_codes + 1 >= MOST_WRONG:
            end(held)
            audit.record(None, "ecrf.participant_refused", guest.invitation)
    raise Shut("too_many_codes" if held.wrong_codes + 1 >= MOST_WRONG else "code")


def plain_digits(code: str) -> str:
    return "".join(sign for sign in code[:20] if sign.isdecimal())
