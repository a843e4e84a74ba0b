"""What every resource has in common; the rooms say only what is their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, cast

from django.db import transaction
from django.db.models import Model, QuerySet
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.filters import BaseFilterBackend
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from core.db import read_only
from core.errors import Invalid
from core.rest import conditional, limits, once, parameters, sparse
from core.rest.deprecation import Deprecation
from core.rest.filters import Filters, Ordering, ProjectFilter, Search
from core.rest.request import Request

if TYPE_CHECKING:
    from django.http import HttpResponse
    from rest_framework import request as framework

    from core.access.scope import ScopedQuerySet


class Resource(APIView):
    """Reads can't write and carry an ETag; changes may be repeated under a key, or depend on what was read."""

    version: str | None = None
    """Of the single thing that is answered, where it is one row."""
    taken: limits.Taken | None = None
    """What the call has taken from its caller's buckets."""
    deprecation: Deprecation | None = None
    """Of the action that was called, where it will be taken away."""
    counted: bool = False
    """Whether this call was held against the limits."""
    compared: bool = False
    """Whether If-Match has been held against a thing."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method not in SAFE_METHODS:
            return super().dispatch(request, *args, **kwargs)
        with read_only():
            response = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
        return conditional.answer(self.request, cast("HttpResponse", response), self.version)

    def initial(self, request: framework.Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        name = str(request.method).lower()
        act = getattr(self, name, None) if name in self.http_method_names else None
        if act is None or request.method == "OPTIONS":
            return
        parameters.refuse_unknown(request)
        if request.method in SAFE_METHODS:
            return
        if "If-Match" in request.headers and getattr(self, "detail", False) is False:
            raise conditional.NothingToMatch  # before anything is done: what lies on a disk isn't undone
        key = once.key_of(request)
        if key or "If-Match" in request.headers:
            setattr(self, name, partial(self.in_one_transaction, act, key))

    def check_permissions(self, request: framework.Request) -> None:
        """Who is known is counted before he is judged: what is refused costs too."""
        if request.user.is_authenticated:
            self.check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: framework.Request) -> None:
        if not self.counted:
            self.counted = True
            super().check_throttles(request)

    def throttled(self, request: framework.Request, wait: float | None) -> NoReturn:
        raise limits.TooMany(wait or 1)

    def handle_exception(self, error: Exception) -> Response:
        """Who isn't known draws from the bucket of his address, also when he guesses at tokens."""
        if isinstance(error, NotAuthenticated | AuthenticationFailed) and self.taken is None:
            self.taken = limits.take([limits.address()], limits.WRITE)
            if self.taken and self.taken.wait:
                error = limits.TooMany(self.taken.wait)
        return super().handle_exception(error)

    def finalize_response(  # type: ignore[override]
        self, request: framework.Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if self.taken is not None:
            self.taken.write_headers(response)
        if self.deprecation is not None:
            self.deprecation.write_headers(response)
        return super().finalize_response(request, cast("Response", response), *args, **kwargs)

    def in_one_transaction(
        self, act: Callable[..., HttpResponse], key: str, request: framework.Request, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Do it wholly or not at all, and with a key once. What is raised undoes all of it."""
        with transaction.atomic():
            mark = once.fingerprint(request) if key else ""
            if key and (answer := once.keeper().find(request, key, mark)) is not None:
                return answer
            answer = self.finalize_response(request, act(request, *args, **kwargs), *args, **kwargs)
            if "If-Match" in request.headers and not self.compared:
                raise conditional.NothingToMatch
            if isinstance(answer, Response):
                answer.render()
            self.mark_version(request, answer)
            if key and answer.status_code < 400 and not answer.streaming:
                once.keeper().keep(request, key, mark, answer)
        return answer

    def mark_version(self, request: framework.Request, answer: HttpResponse) -> None:
        """The ETag of what a change has made, where nobody else can have changed it since."""


class View(Resource):
    """An address that stands alone, such as a question which isn't kept. Say `get` or `post`."""

    request: Request


class ViewSet(Resource, GenericViewSet[Any]):
    """A resource with a list and single things. Say `queryset`, `serializer_class` and the actions."""

    request: Request
    if_match_required: ClassVar[Collection[str]] = ()
    """Actions that nobody does without saying by If-Match which version he has read: 428."""
    thing: Model | None = None
    """The single thing that a change is about."""

    def finalize_response(  # type: ignore[override]
        self, request: framework.Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Of a list or a single thing, only the fields that were asked for."""
        text = request.query_params.get(sparse.PARAMETER)
        told = response.status_code == 200 and self.action in ("list", "retrieve")
        if text is not None and told and isinstance(response, Response):
            try:
                response.data = sparse.pick(response.data, sparse.wanted(text))
            except Invalid as error:
                response = self.handle_exception(error)
        return super().finalize_response(request, response, *args, **kwargs)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset = super().filter_queryset(queryset)
        if self.detail and self.request.method in SAFE_METHODS:
            return cast("QuerySet[Any]", queryset.annotate(row_version=conditional.RowVersion()))
        return queryset

    def get_object(self) -> Any:
        thing = super().get_object()
        if self.request.method in SAFE_METHODS:
            self.version = thing.row_version
            return thing
        if "If-Match" in self.request.headers:
            conditional.match(self.request, thing)
            self.compared = True
        elif self.action in self.if_match_required:
            raise conditional.Unconditional
        self.thing = thing
        return thing

    def mark_version(self, request: framework.Request, answer: HttpResponse) -> None:
        changed = request.method in ("PUT", "PATCH") and answer.status_code == 200
        if changed and self.thing is not None and (version := conditional.version_of(self.thing)):
            answer["ETag"] = conditional.tag(answer.content, version)


class ProjectViewSet(ViewSet):
    """A resource whose rows belong to projects: lists and lookups show what the caller may see, reads can't write.

    Say `queryset`, `serializer_class` and the actions; what changes something calls a service.
    """

    filter_backends: Sequence[type[BaseFilterBackend]] = (Filters, ProjectFilter, Search, Ordering)

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return cast("ScopedQuerySet[Any]", queryset).visible_to(self.request.user)
