"""The ways in for participants: a link, a return code, a one-time code; and the way out of our mails."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from core.web.views import page, reads, writes
from ecrf.models import Guest, Participant
from ecrf.services import participants
from ecrf.services.participants import mailing
from ecrf.services.participants.faults import Shut
from ecrf.web.participants.guesting import let_in, let_out, public, visit

PUBLIC = "p."


@public
@reads
def door(request: HttpRequest) -> HttpResponse:
    """Where every link leads. Its secret stands after the #, which no server sees: a script sends it in a body."""
    return render(request, "ecrf/participants/door.html")


@public
@writes
def enter(request: HttpRequest) -> HttpResponse:
    """Take the secret of a link and give a visit for it."""
    secret = request.POST.get("token", "")[:100]
    if secret.startswith(PUBLIC):
        found = participants.enter_publicly(secret.removeprefix(PUBLIC))
    else:
        found = participants.enter(secret)
    return arrived(found)


def arrived(secret: str) -> HttpResponse:
    """The cookie of the visit; the pages speak the participant's language where the suite does."""
    guest = participants.visiting(secret)
    response = let_in(JsonResponse({"to": reverse("participate:fill")}), secret)
    if guest is not None and guest.invitation is not None and guest.language in dict(settings.LANGUAGES):
        speak_too(response, guest.language)
    return response


def speak_too(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, httponly=True, secure=settings.HTTPS, samesite="Lax", path="/"
    )


@public
@page
def come_back(request: HttpRequest) -> HttpResponse:
    """Go on by a return code, from any device."""
    words = ""
    if request.method == "POST":
        try:
            found = participants.enter_by_code(request.POST.get("code", ""))
        except Shut as shut:
            words = shut.words
        else:
            response = arrived(found)
            response.status_code, response["Location"] = 303, reverse("participate:fill")
            return response
    return render(request, "ecrf/participants/return.html", {"words": words}, status=422 if words else 200)


@visit
@page
def prove(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Ask for the one-time code before anything is shown."""
    if guest.is_proved:
        return redirect("participate:fill")
    words, sent = "", bool(guest.code_digest)
    if request.method == "POST":
        try:
            if "send" in request.POST:
                participants.send_code(guest)
                sent = True
            else:
                participants.prove(guest, request.POST.get("code", ""))
                return redirect("participate:fill")
        except Shut as shut:
            if shut.code == "too_many_codes":
                raise
            words = shut.words
    context = {"words": words, "sent": sent, "by": guest.questionnaire.proof}
    return render(request, "ecrf/participants/prove.html", context, status=422 if words else 200)


@csrf_exempt  # the mail program posts it by itself (RFC 8058): the signed token is the proof
@login_not_required
@page
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more mails: shown on GET, done on POST; whoever has the mail may, and can do nothing else with it."""
    try:
        key = signing.loads(token, salt=mailing.SALT)
    except signing.BadSignature:
        raise Http404 from None
    person = Participant.objects.filter(pk=key).only("language").first()
    if request.method == "POST":
        participants.stop(token)
    with translation.override(mailing.spoken(person.language if person else "")):
        context = {"done": request.method == "POST", "plain": True}
        return render(request, "ecrf/participants/stop.html", context)


@visit
@writes
def leave(request: HttpRequest, guest: Guest) -> HttpResponse:
    """End the visit; what was saved stays. A tablet is given back by its PIN instead."""
    if guest.is_kiosk:
        return redirect("participate:give_back")
    participants.end(guest)
    return let_out(render(request, "ecrf/participants/left.html"))
