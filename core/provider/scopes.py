"""What a service may ask for, in words that a person reads before he allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrPromise

API, API_READ = "api", "api:read"

WORDS: dict[str, _StrPromise] = {
    "openid": _("Enough to recognise you the next time, and when and how you signed in"),
    "profile": _("Your name and your language"),
    "email": _("Your e-mail address"),
    "groups": _("The projects and organisations you are in and your roles there, as names of groups"),
    "organisations": _("The organisations you work for, and your roles there"),
    "projects": _("The projects you are a member of, and your roles there"),
    API_READ: _("Read in your name everything that you may read in the suite, patients’ data too"),
    API: _("Read and change in your name all that you may in the suite, patients’ data too"),
}
ORDER = list(WORDS)
SENSITIVE = frozenset({API, API_READ})
"""Shown apart: it opens data, where the others tell about the person."""


def in_order(scopes: Iterable[str]) -> list[str]:
    """The scopes that there are, each once, in the order of the table."""
    asked = set(scopes)
    return [scope for scope in ORDER if scope in asked]
