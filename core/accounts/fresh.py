"""Before a sensitive act: who is it, once more? Nobody uses a session that another has left open."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.internal.httpkit import serialize_request
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.errors import NotFresh

View = Callable[..., HttpResponseBase]
SECRETS = ("password", "secret", "credential", "token", "code")
"""A field whose name has one of these holds what is not kept in a session, not even for a minute."""
LARGEST = 256 << 10
"""Characters of a form that is kept until its sender has said who he is."""


def is_fresh(request: HttpRequest) -> bool:
    """Whether this person has said who he is, in any of his ways, within the time that the operator allows."""
    if not request.user.is_authenticated:
        return False
    said = get_authentication_records(request, request.user)
    return bool(said) and time.time() - said[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def fresh(view: View) -> View:
    """A page that asks who it is first, unless that was said a short while ago.

    What was posted is kept meanwhile and goes on afterwards; a fragment is asked for again by the page it is for.
    Stands outermost: ``@fresh`` above ``@page``.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_fresh(request) else ask(request)

    return answer


def require_fresh(request: HttpRequest, actor: User) -> None:
    """The same over REST: raises NotFresh, which is 403 of the type «reauthenticate».

    A token was made for what it does, by somebody who was asked then: it needs no more. A program that does in general
    what a person may can't be asked, and is refused.
    """
    limits = getattr(actor, "limits", None)
    if limits is not None:
        if limits.permissions is None:
            raise NotFresh
    elif not is_fresh(request):
        raise NotFresh


def ask(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks; to htmx say that its page should ask in a dialog and send this again."""
    if "HX-Request" in request.headers:
        headers = {"HX-Reswap": "none", "X-Session": "confirm", "Cache-Control": "no-store"}
        return HttpResponse(status=401, headers=headers)
    back = request.get_full_path()
    request.session.pop(STATE_SESSION_KEY, None)
    if request.method == "POST" and is_keepable(request):
        back = request.path
        request.session[STATE_SESSION_KEY] = {"request": serialize_request(request)}
    elif request.method == "POST":
        messages.warning(request, _("It has been a while, so we asked who you are. Please fill this in once more."))
    [first, *_others] = get_adapter().get_reauthentication_methods(request.user)
    return HttpResponseRedirect(f"{first['url']}?{urlencode({REDIRECT_FIELD_NAME: back})}")


def is_keepable(request: HttpRequest) -> bool:
    """Whether what was posted may wait in the session: no file, no secret, and no more than a form holds."""
    secret = any(word in name.lower() for name in request.POST if name != "csrfmiddlewaretoken" for word in SECRETS)
    return not request.FILES and not secret and len(request.POST.urlencode()) < LARGEST
