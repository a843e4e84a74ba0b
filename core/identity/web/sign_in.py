"""To an identity provider and back."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from core.accounts.fresh import ask, is_fresh
from core.accounts.models import User
from core.accounts.strength import PROVIDER
from core.errors import Conflict
from core.identity import flow, identities
from core.identity.models import IdentityProvider
from core.web.views import reads, writes

ANYBODY = ("sign_in", "invitation")
SIGNED_IN = ("link", "confirm")


@never_cache
@reads
def confirm(request: HttpRequest) -> HttpResponse:
    """Where somebody says who he is who has neither a password nor a factor here; others are led to what they have."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if methods and methods[0]["url"] != request.path:
        return redirect(methods[0]["url"])
    return render(request, "account/base_reauthenticate.html", {"redirect_field_value": request.GET.get("next", "")})


@login_not_required
@never_cache
@writes
def begin(request: HttpRequest, slug: str, purpose: str) -> HttpResponse:
    """A page that leads on: browsers let no form end at another site (form-action of the content policy)."""
    provider = get_object_or_404(IdentityProvider, slug=slug, is_enabled=True)
    user = request.user
    if purpose in SIGNED_IN and not isinstance(user, User):
        return redirect("account_login")
    if purpose == "link" and not is_fresh(request):
        return ask(request)
    kept = {"user": str(user.pk)} if isinstance(user, User) else {}
    if purpose == "invitation":
        kept["invitation"] = request.POST.get("invitation", "")[:200]
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        kept["next"] = target[:2000]
    try:
        url = flow.begin(request.session, provider, purpose, **kept)
    except flow.NotTaken as error:
        return refuse(request, provider, str(error), 502)
    response = render(request, "identity/leaving.html", {"provider": provider, "url": url})
    response["Refresh"] = f"0;url={url}"
    return response


@login_not_required
@never_cache
@require_safe
@sensitive_variables()
def callback(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What the provider sends back. It writes although it is a GET: the question it answers is spent."""
    provider = get_object_or_404(IdentityProvider, slug=slug, is_enabled=True)
    user = request.user if isinstance(request.user, User) else None
    try:
        answer = flow.finish(request.session, provider, {key: str(value) for key, value in request.GET.items()})
        if answer.question["purpose"] in SIGNED_IN:
            if user is None or answer.question.get("user") != str(user.pk):
                raise flow.NotTaken(_("Somebody else is signed in here now. Begin again."))
            return for_signed_in(request, user, provider, answer)
        return let_in(request, provider, answer)
    except flow.NotTaken as error:
        if not isinstance(error, flow.Stray):
            identities.refused(provider, user)
        return refuse(request, provider, str(error))
    except Conflict as error:
        return refuse(request, provider, str(error.message), 409)


def for_signed_in(
    request: HttpRequest, user: User, provider: IdentityProvider, answer: flow.Answer
) -> HttpResponseBase:
    if answer.question["purpose"] == "link":
        identities.link(user, provider, answer)
        messages.success(request, _("%(name)s is linked: you can sign in through it.") % {"name": provider})
        return redirect("identity:connections")
    known = identities.linked(provider, answer.issuer, answer.subject)
    if known is None or known.user != user:
        raise flow.NotTaken(_("This is another person there than the one who is signed in here."))
    remember(request, user, provider, answer, reauthenticated=True)
    request.GET = QueryDict(urlencode({"next": answer.question.get("next", "")}))
    resumed: HttpResponseBase | None = resume_request(request)
    return resumed or redirect(settings.LOGIN_REDIRECT_URL)


def let_in(request: HttpRequest, provider: IdentityProvider, answer: flow.Answer) -> HttpResponse:
    """Sign in whom this identity is linked with; a stranger is told what to do."""
    invitation = answer.question.get("invitation", "")
    if answer.question["purpose"] == "invitation":
        user = identities.join(provider, answer, invitation)
        target = reverse("access:accept", args=[invitation]) if user.last_login else None
    else:
        found = identities.who(provider, answer)
        if found is None:
            raise flow.NotTaken(
                _(
                    "No account here is linked with this identity. If you have an account, sign in as you do today and "
                    "link it on the page “Connections” of your account; if you have none, ask for an invitation."
                )
            )
        user, target = found, answer.question.get("next") or None
    if not user.is_active:
        identities.refused(provider, user)
        return redirect("account_inactive")
    if request.user.is_authenticated and request.user.pk != user.pk:
        raise flow.NotTaken(_("Somebody else is signed in here. Sign out first."))
    if request.user.is_authenticated:  # he may have been let through unasked, and who sits here now says nothing by it
        return redirect(target or settings.LOGIN_REDIRECT_URL)
    remember(request, user, provider, answer)
    response: HttpResponse = perform_login(request, Login(user=user, redirect_url=target))
    return response


def remember(request: HttpRequest, user: User, provider: IdentityProvider, answer: flow.Answer, **more: bool) -> None:
    strong = {"strong": True} if provider.is_strong else {}
    record_authentication(request, user, PROVIDER, provider=provider.slug, at=answer.at, **strong, **more)


def refuse(request: HttpRequest, provider: IdentityProvider, reason: str, status: int = 403) -> HttpResponse:
    return render(request, "identity/refused.html", {"provider": provider, "reason": reason}, status=status)
