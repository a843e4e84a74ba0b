"""The request of a resource, whose caller is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import request

if TYPE_CHECKING:
    from core.accounts.models import User


class Request(request.Request):
    """What an action gets: IsAuthenticated lets nobody else come so far."""

    user: User
