"""What an administrator of the instance chooses among when he says who may sign in to a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.access.models import Organisation, Project

if TYPE_CHECKING:
    from django.db.models import QuerySet


def organisations() -> QuerySet[Organisation]:
    return Organisation.objects.order_by("name")


def projects() -> QuerySet[Project]:
    """All of them, by name alone: what is in a project stays closed to him."""
    return Project.objects.order_by("name")
