"""One's own access tokens: what there is, a new one, the end of one."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core import access
from core.access.models import Project
from core.api import services
from core.api.models import Token
from core.api.web.forms import TokenForm
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, reads, writes


@reads
def listing(request: Request) -> HttpResponse:
    tokens = Token.objects.usable().filter(user=request.user).select_related("project")
    projects = Project.objects.visible_to(request.user, "api.create_token")
    return render(request, "api/tokens.html", {"tokens": tokens, "projects": projects})


@never_cache
@page
def create(request: Request) -> HttpResponse:
    """A token for one project; the page that answers shows its text, this once."""
    projects = Project.objects.visible_to(request.user, "api.create_token")
    if not projects:
        raise Http404
    slug = request.GET.get("project", "")
    project = access.fetch(Project.objects.all(), request.user, slug=slug) if slug else projects[0]
    form = TokenForm(request.POST or None, held=access.abilities(request.user, project))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        until = timezone.make_aware(datetime.combine(values["expires_at"], time.max))
        try:
            token, text = services.create_token(request.user, project, values["name"], values["permissions"], until)
        except Invalid as error:
            show_faults(form, error)
        else:
            return render(request, "api/new_token.html", {"token": token, "text": text}, status=201)
    context = {"form": form, "chosen": project, "projects": projects}
    return render(request, "api/create_token.html", context, status=422 if form.errors else 200)


@writes
def revoke(request: Request, pk: UUID) -> HttpResponse:
    services.revoke_token(request.user, get_object_or_404(Token, user=request.user, pk=pk))
    messages.success(request, _("The token opens nothing any more."))
    return redirect("tokens:list")
