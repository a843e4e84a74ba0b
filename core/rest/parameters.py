"""A call is asked only what its description names: a misspelt filter would quietly keep everything, so it is 400.

What an operation understands is what the OpenAPI document says of it; there is no other list.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.settings import spectacular_settings

from core.errors import Fault
from core.rest.problems import UnknownParameter

if TYPE_CHECKING:
    from rest_framework.request import Request


def sentence(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return _("There is no parameter “%(name)s”. Did you mean “%(near)s”?") % {"name": name[:80], "near": near[0]}
    return _("There is no parameter “%(name)s”.") % {"name": name[:80]}


def refuse_unknown(request: Request) -> None:
    """Raises UnknownParameter. A resource that stands at no address, as in a test of its own, is asked nothing."""
    route = request._request.resolver_match
    if route is None or not request.query_params:
        return
    known = known_to(route.func, "GET" if request.method == "HEAD" else str(request.method))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise UnknownParameter([Fault(name, "unknown", sentence(name, known)) for name in unknown])


@functools.cache
def known_to(callback: Callable[..., Any], method: str) -> tuple[str, ...]:
    """The names of the query parameters that the description of this operation has, sorted."""
    generator = SchemaGenerator()  # the view's schema lives as long as this does
    view = generator.create_view(callback, method)
    view.request = spectacular_settings.GET_MOCK_REQUEST(method, "/", view, None)
    operation = view.schema.get_operation("/", "", "", method, ComponentRegistry()) or {}
    return tuple(sorted(each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"))
