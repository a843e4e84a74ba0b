"""/Users and /Groups: one set of calls for both, told apart by a `Kind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse

from core.scim import groups, lookups, people, queries, reading
from core.scim.api import rendering
from core.scim.api.protocol import Call, answer, body_of, call
from core.scim.engine import changes, schemas, shown
from core.scim.engine.errors import INVALID_SYNTAX, INVALID_VALUE, Fault
from core.scim.engine.filters import parse, parse_path
from core.scim.models import Directory

MOST, USUAL = 200, 100
"""Resources in one answer."""


@dataclass(frozen=True)
class Kind:
    """What differs between people and groups."""

    schema: str
    rows: Callable[[Any], QuerySet[Any]]
    render: Callable[[Any], dict[str, Any]]
    fields: Any
    read: Callable[[Any], Any]
    create: Callable[[Directory, Any], Any]
    replace: Callable[[Directory, Any, Any], Any]
    remove: Callable[[Directory, Any], None]


PEOPLE = Kind(
    schemas.USER, queries.people, rendering.person, lookups.USERS, reading.person,
    people.create, people.replace, people.remove,
)  # fmt: skip
GROUPS = Kind(
    schemas.GROUP, queries.groups, rendering.group, lookups.GROUPS, reading.group,
    groups.create, groups.replace, groups.remove,
)  # fmt: skip


def collection(kind: Kind) -> Callable[..., HttpResponse]:
    @call("GET", "HEAD", "POST")
    def view(request: Call) -> HttpResponse:
        return _create(kind, request) if request.method == "POST" else _list(kind, request, request.GET)

    return view


def search(kind: Kind) -> Callable[..., HttpResponse]:
    """A list that is asked for by a message, so that what is searched for stands in no address."""

    @call("POST")
    def view(request: Call) -> HttpResponse:
        body = body_of(request)
        if not schemas.declares(body, schemas.SEARCH):
            raise Fault(INVALID_SYNTAX, f"The message isn't one of the schema {schemas.SEARCH}.")
        return _list(kind, request, {name: as_text(value) for name, value in body.items()})

    return view


def as_text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def thing(kind: Kind) -> Callable[..., HttpResponse]:
    @call("GET", "HEAD", "PUT", "PATCH", "DELETE")
    def view(request: Call, pk: str) -> HttpResponse:
        if request.method in ("PUT", "PATCH", "DELETE"):
            people.hold(request.directory.organisation)  # what is compared below stays so until it is written
        row = _find(kind, request, pk)
        resource = kind.render(row)
        version = resource["meta"]["version"]
        match request.method:
            case "PUT" | "PATCH":
                _require_version(request, version)
                return _change(kind, request, row, resource)
            case "DELETE":
                _require_version(request, version)
                kind.remove(request.directory, row)
                return HttpResponse(status=204)
        if version in _versions(request, "If-None-Match"):
            return HttpResponse(status=304, headers={"ETag": version})
        return answer(_shown(kind, request.GET, resource), ETag=version)

    return view


def _find(kind: Kind, request: Call, pk: str) -> Any:
    try:
        row = kind.rows(request.directory.organisation).filter(pk=UUID(pk)).first()
    except ValueError:
        row = None
    if row is None:
        raise Http404
    return row


def _create(kind: Kind, request: Call) -> HttpResponse:
    wanted = kind.read(changes.tidy(kind.schema, body_of(request)))
    made = kind.create(request.directory, wanted)
    resource = kind.render(_find(kind, request, str(made.pk)))
    heads = {"Location": resource["meta"]["location"], "ETag": resource["meta"]["version"]}
    return answer(_shown(kind, request.GET, resource), 201, **heads)


def _change(kind: Kind, request: Call, row: Any, resource: dict[str, Any]) -> HttpResponse:
    message = body_of(request)
    if request.method == "PATCH":
        said = changes.apply(kind.schema, resource, message)
    else:
        said = changes.tidy(kind.schema, message)
    kind.replace(request.directory, row, kind.read(said))
    rows = kind.rows(request.directory.organisation).filter(pk=row.pk)
    after = kind.render(found) if (found := rows.first()) else resource | {"active": False}
    return answer(_shown(kind, request.GET, after), ETag=after["meta"]["version"])


def _list(kind: Kind, request: Call, asked: Mapping[str, str]) -> HttpResponse:
    rows = kind.rows(request.directory.organisation)
    if text := asked.get("filter", ""):
        rows = rows.filter(lookups.condition(parse(text, (kind.schema,)), kind.fields))
    if name := asked.get("sortBy", ""):
        downwards = asked.get("sortOrder", "").lower() == "descending"
        if columns := lookups.order(parse_path(name, (kind.schema,)), kind.fields, downwards):
            rows = rows.order_by(*columns)
    start, count = max(_number(asked.get("startIndex"), 1), 1), min(max(_number(asked.get("count"), USUAL), 0), MOST)
    total = rows.count()
    found = [_shown(kind, asked, kind.render(row)) for row in rows[start - 1 : start - 1 + count]] if count else []
    return answer(
        {
            "schemas": [schemas.LIST],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": len(found),
            "Resources": found,
        }
    )


def _number(text: str | None, usual: int) -> int:
    if not text:
        return usual
    try:
        return max(min(int(text[:12]), 10**9), -1)
    except ValueError:
        raise Fault(INVALID_VALUE, "“startIndex” and “count” are whole numbers.") from None


def _shown(kind: Kind, asked: Mapping[str, str], resource: dict[str, Any]) -> dict[str, Any]:
    only = shown.names(asked.get("attributes", ""), kind.schema)
    without = shown.names(asked.get("excludedAttributes", ""), kind.schema)
    return shown.show(resource, only, without)


def _versions(request: Call, head: str) -> list[str]:
    return [part.strip() for part in request.headers.get(head, "").split(",") if part.strip()]


def _require_version(request: Call, version: str) -> None:
    """Where the directory says which version it changes, it is still that one."""
    asked = _versions(request, "If-Match")
    if asked and "*" not in asked and version not in asked:
        raise Fault("", "It has changed since it was read: read it again.", 412)
