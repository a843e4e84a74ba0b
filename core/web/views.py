"""What a page function may do: only read, only write, or both by its method."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.db import read_only

View = Callable[..., HttpResponseBase]


def reads(view: View) -> View:
    """GET and HEAD only; PostgreSQL refuses any write while the answer is made."""
    return require_safe(_reading(view))


def writes(view: View) -> View:
    """POST only."""
    return require_POST(_by_fragment(view))


def page(view: View) -> View:
    """GET shows, and can't write; POST acts."""
    reading, writing = _reading(view), _by_fragment(view)

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (writing if request.method == "POST" else reading)(request, *args, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(answer)


def _reading(view: View) -> View:
    """Run the view, and its lazy template, in a read-only transaction. What a streamed answer does later is outside."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with read_only():
            response = view(request, *args, **kwargs)
            if callable(render := getattr(response, "render", None)):
                response = render()
            return response

    return _by_fragment(answer)


def _by_fragment(view: View) -> View:
    """The same address answers a page or, to htmx, a fragment: caches must not mix them up."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    return answer


def wants_fragment(request: HttpRequest, target: str = "") -> bool:
    """Whether htmx asks for a part of the page: the one with this id, where one is named."""
    htmx = getattr(request, "htmx", None)
    if not htmx or htmx.history_restore_request:
        return False
    return not target or bool(htmx.target == target)


def see_other(url: str, request: HttpRequest) -> HttpResponse:
    """Go to another page after an act, also out of a fragment."""
    if getattr(request, "htmx", None):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
