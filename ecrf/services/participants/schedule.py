"""When questionnaires open, for whom, and who is invited by himself."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from core import audit
from core.accounts.models import User
from ecrf.engine import moments
from ecrf.models import Entry, Invitation, Origin, Participant, Questionnaire, Starts, Subject

MORNING = time(8)
"""At this hour of its day a questionnaire opens."""
ROUND = 200
"""So many participants are looked at in one round."""
AGAIN = timedelta(minutes=10)


def opening(questionnaire: Questionnaire, subject: Subject) -> datetime | None:
    """When the questionnaire opens for a subject; None as long as the date to count from isn't known."""
    later = timedelta(days=questionnaire.starts_after)
    if questionnaire.starts == Starts.INVITED:
        return timezone.now() + later
    if questionnaire.starts == Starts.INCLUSION:
        day = timezone.localtime(subject.created_at).date()
    else:
        entry = Entry.objects.filter(
            *(Q(subject=subject, form=questionnaire.form_id, event=questionnaire.date_event, page=""),),
            removed_at=None,
        ).first()
        found = moments.parse_date(str((entry.values if entry else {}).get(questionnaire.date_item) or "")[:10])
        if found is None:
            return None
        day = found
    try:
        return timezone.make_aware(datetime.combine(day + later, MORNING))
    except OverflowError:
        return None


def invitation(
    questionnaire: Questionnaire, subject: Subject, opens_at: datetime, origin: Origin, by: User | None
) -> Invitation:
    """A new invitation; the first mail leaves when it opens, if there is an address then."""
    now = timezone.now()
    opens_at = max(opens_at, now) if origin != Origin.SCHEDULE else opens_at
    return Invitation.objects.create(
        questionnaire=questionnaire,
        subject=subject,
        origin=origin,
        invited_by=by,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(days=max(1, questionnaire.open_days)),
        mail_at=max(opens_at, now) if origin in (Origin.STAFF, Origin.SCHEDULE) else None,
    )


def invite_due() -> int:
    """Invite those whose time has come to the questionnaires that do so by themselves. Says how many."""
    now, made = timezone.now(), 0
    due = Participant.objects.filter(
        Q(checked_at=None) | Q(checked_at__lte=now - AGAIN), subject__project__archived_at=None, unsubscribed_at=None
    ).filter(subject__project__forms__questionnaires__automatic=True)
    keys = due.order_by(F("checked_at").asc(nulls_first=True)).values_list("pk", flat=True)
    for key in list(dict.fromkeys(keys[:ROUND])):
        with transaction.atomic():
            rows = Participant.objects.select_for_update(of=("self",), skip_locked=True)
            person = rows.select_related("subject__project", "subject__site").filter(pk=key).first()
            if person is not None:
                made += invite_one(person, now)
    return made


def invite_one(person: Participant, now: datetime) -> int:
    """Every questionnaire that opens for this person within a day."""
    asked = Questionnaire.objects.filter(form__project=person.subject.project_id, automatic=True, closed_at=None)
    held = set(Invitation.objects.filter(subject=person.subject).values_list("questionnaire_id", flat=True))
    made = 0
    for questionnaire in asked.exclude(starts=Starts.INVITED).select_related("form__current", "form__project"):
        opens_at = None if questionnaire.pk in held else opening(questionnaire, person.subject)
        if opens_at is None or opens_at > now + timedelta(days=1):
            continue
        if opens_at + timedelta(days=max(1, questionnaire.open_days)) <= now:
            continue
        found = invitation(questionnaire, person.subject, opens_at, Origin.SCHEDULE, None)
        audit.record(None, "ecrf.participant_invited", found, questionnaire=questionnaire.name)
        made += 1
    Participant.objects.filter(pk=person.pk).update(checked_at=now)
    return made
