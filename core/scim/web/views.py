"""The directory of an organisation: its tokens, the groups it pushes, and what they give; for its administrators."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from core.access import offices
from core.access.models import Organisation
from core.access.web.organisations import tabs
from core.accounts.fresh import fresh
from core.errors import Invalid
from core.scim import directories, groups, rulebook, rules
from core.scim.api.rendering import base
from core.scim.web.forms import RuleForm, TokenForm
from core.web.forms import show_faults
from core.web.request import Request
from core.web.views import page, reads, writes

View = Callable[..., HttpResponseBase]


def find(request: Request, slug: str) -> Organisation:
    organisation = offices.fetch(request.user, slug)
    offices.require(request.user, offices.MANAGE, organisation)
    return organisation


def of_organisation(view: View) -> View:
    """For who administers the organisation: nobody else is even asked who he is."""

    @functools.wraps(view)
    def answer(request: Request, organisation: str, **options: Any) -> HttpResponseBase:
        find(request, organisation)
        return view(request, organisation, **options)

    return answer


@of_organisation
@reads
def overview(request: Request, organisation: str) -> HttpResponse:
    found = find(request, organisation)
    context = {
        "organisation": found,
        "tabs": tabs(found, "directory"),
        "base": base(),
        "tokens": rulebook.tokens(found),
        "groups": rulebook.groups(found),
        "rules": rulebook.rules(found),
        "people": rules.reached(found).count(),
    }
    return render(request, "scim/overview.html", context)


@of_organisation
@never_cache
@fresh
@page
def create_token(request: Request, organisation: str) -> HttpResponse:
    """The page that answers shows the token's text, this once."""
    found = find(request, organisation)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = directories.create(request.user, found, form.cleaned_data["name"])
        except Invalid as error:
            show_faults(form, error)
        else:
            context = {"organisation": found, "token": token, "text": text, "base": base()}
            return render(request, "scim/new_token.html", context, status=201)
    context = {"organisation": found, "form": form}
    return render(request, "scim/create_token.html", context, status=422 if form.errors else 200)


@of_organisation
@fresh
@writes
def revoke_token(request: Request, organisation: str, pk: UUID) -> HttpResponse:
    found = find(request, organisation)
    token = rulebook.tokens(found).select_related("organisation").filter(pk=pk).first()
    if token is None:
        raise Http404
    directories.revoke(request.user, token)
    messages.success(request, _("The token opens nothing any more."))
    return redirect("scim:overview", found.slug)


@of_organisation
@fresh
@page
def add_rule(request: Request, organisation: str) -> HttpResponse:
    found = find(request, organisation)
    form = RuleForm(request.POST or None, organisation=found)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            groups.add_mapping(request.user, values["group"], values["project"], list(values["roles"]))
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The rule counts from now on, for those in the group too."))
            return redirect("scim:overview", found.slug)
    context = {"organisation": found, "form": form}
    return render(request, "scim/add_rule.html", context, status=422 if form.errors else 200)


@of_organisation
@fresh
@writes
def remove_rule(request: Request, organisation: str, pk: UUID) -> HttpResponse:
    found = find(request, organisation)
    rule = rulebook.rule(found, pk)
    if rule is None:
        raise Http404
    groups.remove_mapping(request.user, rule)
    messages.success(request, _("The group gives nothing there any more."))
    return redirect("scim:overview", found.slug)
