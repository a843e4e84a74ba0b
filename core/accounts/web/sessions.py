"""The session that one is in, for the page's script, and the list of all that one has open."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from core.accounts import farewell, limits
from core.accounts.fresh import ask, is_fresh
from core.accounts.sessions import end_some
from core.web.request import Request
from core.web.views import page


@login_not_required
@never_cache
@page
def session(request: HttpRequest) -> JsonResponse:
    """Whether one is still signed in, who, for how long, and a token for the page's forms. POST: somebody is there.

    Who is not: whether somebody else ended the session, so that what is on the screen is no longer his to see.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"user": None, "leave": farewell.is_told(request)}, status=401)
    left = limits.left(request.session)
    return JsonResponse(
        {
            "user": str(request.user.pk),
            "csrf": get_token(request),
            "seconds_left": left.seconds,
            "can_stay": left.longest > left.idle,
            "notice": limits.notice(),
            "fresh": is_fresh(request),
        }
    )


@page
def sessions(request: Request) -> HttpResponse:
    """Where one is signed in; POST ends the session named by `end`, or without it all others."""
    here = request.session.session_key
    if request.method == "POST":
        if not is_fresh(request):
            return ask(request)
        mine = UserSession.objects.filter(user=request.user)
        named = request.POST.get("end", "")
        if named and not named.isdecimal():
            named = "0"
        chosen = mine.filter(pk=min(int(named), 1 << 62)) if named else mine.exclude(session_key=here)
        keys = {session.session_key for session in chosen}
        count = end_some(request.user, chosen)
        if here in keys:
            return redirect("account_login")
        words = ngettext("%(n)d session is ended.", "%(n)d sessions are ended.", count) % {"n": count}
        messages.success(request, words if count else _("It had ended already."))
        return redirect("usersessions_list")
    rows = UserSession.objects.filter(user=request.user).order_by("-last_seen_at")
    rows = [row for row in rows if row.exists()]
    return render(request, "usersessions/usersession_list.html", {"sessions": rows, "here": here})
