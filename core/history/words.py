"""What the columns of the tracked models are called where the models themselves give them no words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db import models
    from django.utils.functional import _StrPromise

COLUMNS: dict[str, _StrPromise] = {
    "acr_required": _("levels required"),
    "archived_at": _("archived since"),
    "author": _("written by"),
    "client": _("client"),
    "code": _("code"),
    "created_at": _("made on"),
    "data": _("further data"),
    "default_scopes": _("usual scopes"),
    "description": _("description"),
    "disabled_at": _("disabled since"),
    "emergency_role": _("role of emergency access"),
    "events": _("events"),
    "grant_types": _("ways to sign in"),
    "group": _("group"),
    "is_on": _("switched on"),
    "key": _("identifier"),
    "kind": _("kind of alert"),
    "level": _("level"),
    "made_by": _("made by"),
    "mode": _("mode"),
    "name": _("name"),
    "off": _("why it is switched off"),
    "old_secret": _("former secret"),
    "old_secret_until": _("former secret until"),
    "organisation": _("organisation"),
    "owner": _("looked after by"),
    "permissions": _("permissions"),
    "project": _("project"),
    "redirect_uris": _("addresses to return to"),
    "registered_by": _("registered by"),
    "requires_second_factor": _("second factor required"),
    "response_types": _("kinds of answer"),
    "retired_at": _("retired since"),
    "revoked_at": _("revoked since"),
    "scopes": _("scopes"),
    "secret": _("secret"),
    "secret_hash": _("secret"),
    "skip_consent": _("without asking the person"),
    "slug": _("name in addresses"),
    "threshold": _("from how many on"),
    "type": _("type"),
}
KINDS: dict[str, _StrPromise] = {
    "journal.rule": _("rule of alerts"),
    "allauth_idp_oidc.client": _("client of a service"),
}


def of_column(field: models.Field[Any, Any] | None, column: str) -> str:
    """What a column is called: by its model, else by the words above, else by its own name."""
    if field is None:
        return column
    by_model = str(field.verbose_name)
    return str(COLUMNS.get(field.name, by_model)) if by_model == field.name.replace("_", " ") else by_model


def of_kind(model: type[models.Model]) -> str:
    return str(KINDS.get(model._meta.label_lower, model._meta.verbose_name))
