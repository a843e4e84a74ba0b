"""What every list can be asked: filters by field, words to look for, an order. What can't be asked is said so: 422."""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.filters import BaseFilterBackend, SearchFilter

from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class MomentField(IsoDateTimeField):
    """A moment in UTC: PostgreSQL knows no offset of sixteen hours, which ISO 8601 can write."""

    def to_python(self, value: Any) -> datetime | None:
        """Raises ValidationError for a moment that no calendar has."""
        found = super().to_python(value)
        try:
            return found.astimezone(UTC) if found else None
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class Moment(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class AnyOfIds(django_filters.BaseInFilter, django_filters.UUIDFilter):
    """Ids, separated by commas."""


class AnyOfWords(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """Choices, separated by commas."""


class Filters(DjangoFilterBackend):
    """The filters that a resource declares, and those that come by themselves with an id and a date of creation.

    `filterset_fields` may be django-filter's list or dict; a field with choices also has `__in`.
    """

    def get_filterset_class(self, view: Any, queryset: Any = None) -> Any:
        declared = super().get_filterset_class(view, queryset)
        if queryset is None:
            return declared
        return declared if getattr(view, "filters_own", False) else widened(declared or FilterSet, queryset.model)

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Raises Invalid for a filter without a value, which would quietly keep everything."""
        kind = self.get_filterset_class(view, queryset)
        empty = [
            Fault(name, "required", _("Give this filter a value, or leave it out."))
            for name, each in (kind.base_filters if kind else {}).items()
            if request.query_params.get(name) == "" and type(each) is not django_filters.CharFilter
        ]
        if empty:
            raise Invalid(empty)
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


def words_asked(request: Request, filters: type[FilterSet], name: str) -> str:
    """What a filter of words goes by, which is not what was sent: spaces around it don't count."""
    words: str = filters.base_filters[name].field.clean(request.query_params.get(name))
    return words


@functools.cache
def widened(base: type[FilterSet], model: type[models.Model]) -> type[FilterSet]:
    """The same filters, and those that come by themselves."""
    own: dict[str, Any] = {}
    fields = {field.name: field for field in model._meta.concrete_fields}
    if isinstance(fields.get("id"), models.UUIDField):
        own["id__in"] = AnyOfIds("id", lookup_expr="in", label="Ids, separated by commas.")
    if isinstance(fields.get("created_at"), models.DateTimeField):
        own["created_at__gte"] = Moment("created_at", lookup_expr="gte")
        own["created_at__lt"] = Moment("created_at", lookup_expr="lt")
    for name, each in base.base_filters.items():
        if type(each) is django_filters.ChoiceFilter and each.lookup_expr == "exact" and each.field_name in fields:
            own[f"{name}__in"] = AnyOfWords(each.field_name, lookup_expr="in", choices=each.extra["choices"])
    for name, each in base.base_filters.items():
        if isinstance(each, django_filters.ModelChoiceFilter) and each.lookup_expr == "exact":
            # an id that one may not know keeps nothing, whether it exists or not
            own[name] = django_filters.UUIDFilter(each.field_name)
    missing = {name: each for name, each in own.items() if each is not base.base_filters.get(name)}
    return type(f"{model.__name__}Filters", (base,), missing) if missing else base


class ProjectFilter(BaseFilterBackend):
    """``?project=<slug>`` keeps the rows of one project."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if not (slug := request.query_params.get("project")):
            return queryset
        scope = getattr(queryset.model, "scope", None)
        path = scope.project if scope else "project"
        return queryset.filter(**{"slug" if path == "pk" else f"{path}__slug": slug})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [parameter("project", "The slug of a project.")]


class Search(SearchFilter):
    """``?q=two words`` keeps the rows that have each of the words in one of the resource's `search_fields`."""

    search_param = "q"

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        fields = ", ".join(getattr(view, "search_fields", ()))
        return [parameter("q", f"Words that are to be found, each in one of: {fields}.")] if fields else []


class Ordering(BaseFilterBackend):
    """``?ordering=name`` or ``-name``: by one of the resource's `ordering_fields`, or by the date of creation.

    None of them may be null: pages go on after a value, and would leave out the rows that have none.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        return queryset  # the page does it, for its cursor depends on it

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...] | None:
        """Raises Invalid for an order that the resource doesn't have."""
        asked = request.query_params.get("ordering")
        if asked is None:
            return None
        if asked not in choices(view, queryset.model):
            raise Invalid([Fault("ordering", "unknown", _("The list can’t be put in this order."))])
        return (asked, "pk")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        model = getattr(getattr(view, "queryset", None), "model", None)
        known = choices(view, model)
        return [parameter("ordering", "A minus before the name turns it round.", enum=known)] if known else []


def choices(view: Any, model: type[models.Model] | None) -> list[str]:
    names: Collection[str] = getattr(view, "ordering_fields", ())
    has_date = model is not None and any(field.name == "created_at" for field in model._meta.concrete_fields)
    by_date = ("created_at",) if has_date and "created_at" not in names else ()
    return [f"{sign}{name}" for name in (*by_date, *names) for sign in ("", "-")]


def parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    described = {"type": "string", **schema}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": described}
