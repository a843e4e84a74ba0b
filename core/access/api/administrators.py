"""What only those who run the instance do over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet

from core.access.people import is_administrator, require_administrator
from core.accounts.fresh import require_fresh
from core.rest.views import ViewSet


class ForAdministrators(ViewSet):
    """Rows for who runs the instance; to others there are none."""

    permission: ClassVar[str]
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        return rows if is_administrator(self.request.user) else rows.none()

    def ask_who(self) -> None:
        """Raises a Refusal for who doesn't run the instance, and NotFresh for who hasn't said lately that it is he."""
        require_administrator(self.request.user, self.permission)
        require_fresh(self.request._request, self.request.user)
