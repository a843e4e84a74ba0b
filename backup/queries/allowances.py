"""How much the backups of organisations take, and may: for who administers one, and for who runs the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, F, OuterRef, Prefetch, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from backup.models import Repository
from core.access import people
from core.access.models import Organisation, Project
from core.access.queries import administered

if TYPE_CHECKING:
    from core.accounts.models import User


def allowances(actor: User) -> QuerySet[Any]:
    """The organisations whose allowance the actor sets, with what their backups take and each of their projects."""
    whole = Repository.objects.filter(project__organisation=OuterRef("pk")).order_by().values("project__organisation")
    parts = Project.objects.annotate(backup_bytes=Sum("backup_repositories__used")).filter(backup_bytes__isnull=False)
    rows = Organisation.objects.all() if people.is_administrator(actor) else administered(actor)
    return rows.annotate(
        used=Coalesce(
            Subquery(whole.annotate(sum=Sum("used")).values("sum")), Value(0), output_field=BigIntegerField()
        ),
        allowance=F("backup_allowance__bytes"),
    ).prefetch_related(Prefetch("projects", parts.order_by("-backup_bytes", "name"), to_attr="with_backups"))
