"""The request of a page for which one has signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from core.accounts.models import User


class Request(HttpRequest):
    """What a page function gets: nobody comes past LoginRequiredMiddleware without an account.

    A page with `login_not_required` takes Django's own HttpRequest, whose user may be anonymous.
    """

    user: User
    htmx: HtmxDetails
