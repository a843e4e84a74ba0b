"""A participant's questionnaire: the page, what is kept of it as he goes, and the sending."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from core.errors import Conflict, Invalid
from core.web.views import reads, writes
from ecrf.models import Guest, Participant
from ecrf.services import participants
from ecrf.services.participants.guests import require_lasting
from ecrf.web.participants.doors import speak_too
from ecrf.web.participants.guesting import in_words, visit
from ecrf.web.saving import sent_by

SPOKEN = ("fr", "en")
ROUTES = ("save", "send", "state", "code", "leave")


@visit
@reads
def fill(request: HttpRequest, guest: Guest) -> HttpResponse:
    """The questionnaire, cut down to what is asked; nothing before a one-time code was shown, where one is wanted."""
    if not guest.is_proved:
        return redirect("participate:prove")
    if guest.is_kiosk and guest.invitation is not None and guest.invitation.answered_at is not None:
        return redirect("participate:give_back")
    require_lasting(guest)
    asked = guest.questionnaire
    language, one = guest.language, participants.asked(guest)
    title = asked.text("title", language) or asked.study_name
    person = Participant.objects.filter(subject=one.subject).first() if one.subject else None
    data = {
        **participants.shown(one),
        "language": language,
        "page": "",
        "title": title,
        "editable": True,
        "isRight": translation.get_language_info(language)["bidi"] if known(language) else language in RIGHT,
        "byQuestion": asked.by_question,
        "mayDecline": asked.may_decline,
        "keepCopy": asked.keep_copy,
        "isKiosk": guest.is_kiosk,
        "canMail": bool(person and person.is_mailed),
        "instructions": asked.text("instructions", language),
        "thanks": asked.text("thanks", language),
        "urls": {name: reverse(f"participate:{name}") for name in ROUTES}
        | {"back": reverse("participate:give_back"), "return": reverse("participate:come_back")},
    }
    context = {
        "data": data,
        # what is typed and not yet kept stays in the tab under this name: the next participant's is another
        "drafts_of": guest.invitation_id or guest.pk,
        "title": title,
        "number": one.subject.number if one.subject and asked.shows_number else "",
        "languages": [(code, native(code)) for code in asked.form.published.loaded.languages],
        "language": language,
        # where the form is written in every language of ours, one switch changes both
        "one_switch": language in SPOKEN and set(SPOKEN) <= set(asked.form.published.loaded.languages),
        "is_right": data["isRight"],
    }
    return render(request, "ecrf/participants/fill.html", context)


RIGHT = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "syr"})
"""Languages that are written from right to left."""


def known(language: str) -> bool:
    try:
        translation.get_language_info(language)
    except KeyError:
        return False
    return True


def native(language: str) -> str:
    """What a language is called by those who speak it."""
    return str(translation.get_language_info(language)["name_local"]).capitalize() if known(language) else language


@visit
@reads
def state(request: HttpRequest, guest: Guest) -> HttpResponse:
    """The sheet as it is now: for a browser that finds its questions changed meanwhile."""
    require_lasting(guest)
    if not guest.is_proved:
        return redirect("participate:prove")
    return JsonResponse(participants.shown(participants.asked(guest)))


@visit
@writes
def save(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Keep what was answered so far: ``{base, values, notes, version}``."""
    return kept(request, guest, send=False)


@visit
@writes
def send(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Send the answers: nothing may be missing, and the visit ends."""
    return kept(request, guest, send=True)


def kept(request: HttpRequest, guest: Guest, *, send: bool) -> HttpResponse:
    act = participants.send_answers if send else participants.keep_answers
    try:
        sent: dict[str, Any] = sent_by(request)
        held = act(guest, sent["base"], sent["values"], sent["notes"], sent["version"])
    except (Invalid, Conflict) as error:
        return in_words(error)
    if send:
        return JsonResponse({"sent": True})
    return JsonResponse(participants.shown(participants.asked(held)))


@visit
@writes
def code(request: HttpRequest, guest: Guest) -> HttpResponse:
    """A return code, and a mail with it where that was asked for."""
    mailed = request.POST.get("mail") == "yes"
    return JsonResponse(participants.return_code(guest, mailed=mailed))


@visit
@writes
def speak(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Show the questionnaire in another of its languages; our own words too, where we speak it."""
    language = request.POST.get("language", "")[:10]
    participants.speak(guest, language)
    response = redirect("participate:fill")
    if language in SPOKEN:
        speak_too(response, language)
    return response
