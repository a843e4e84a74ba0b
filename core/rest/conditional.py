"""ETag, If-None-Match and If-Match: who has the newest state isn't sent it again, and nobody overwrites unseen changes.

The ETag of a single thing is ``"<version>-<digest>"``: the version is that of its row (PostgreSQL's xmin, which every
change of the row changes), the digest that of what was sent. If-Match looks at the version alone, under a lock of the
row, since the rest may differ by language or by the fields that were asked for.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Expression, Model
from django.http import HttpResponse
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

if TYPE_CHECKING:
    from rest_framework.request import Request

JSON = "application/json"
STAYS = ("ETag", "Cache-Control", "Vary", "Content-Language", "Link", "Deprecation", "Sunset")


class Changed(APIException):
    status_code = 412
    default_code = "changed"
    default_detail = _("This has changed since you read it. Read it again, then repeat your change.")


class NothingToMatch(APIException):
    status_code = 412
    default_code = "nothing-to-match"
    default_detail = _("This call changes no single thing whose version If-Match could name. Leave the header out.")


class Unconditional(APIException):
    status_code = 428
    default_code = "if-match-required"
    default_detail = _("Send If-Match with the ETag of what you read, so that you overwrite nobody’s change.")


class RowVersion(Expression):
    """The number of the transaction that last changed the row."""

    output_field = CharField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        table = compiler.quote_name_unless_alias(compiler.query.get_initial_alias())
        return f"{table}.xmin::text", ()

    def get_group_by_cols(self) -> list[Any]:
        return [self]


def version_of(thing: Model, *, lock: bool = False) -> str | None:
    """The version of a row as it is now; with `lock`, nobody else changes it before the transaction ends."""
    rows = type(thing)._base_manager.filter(pk=thing.pk)
    if lock:
        rows = rows.select_for_update(no_key=True)
    found: str | None = rows.annotate(row_version=RowVersion()).values_list("row_version", flat=True).first()
    return found


def match(request: Request, thing: Model) -> None:
    """Hold the thing, and raise Changed where it isn't the one that If-Match names."""
    wanted = parse_etags(request.headers["If-Match"])
    version = version_of(thing, lock=True)
    if version is None or (wanted != ["*"] and version not in {version_in(tag) for tag in wanted}):
        raise Changed


def version_in(tag: str) -> str:
    """The version that a strong ETag names; a weak one names none."""
    return "" if tag.startswith("W/") else tag.strip('"').partition("-")[0]


def tag(content: bytes, version: str | None) -> str:
    """Strong for a single thing, whose version is known; weak for a list."""
    digest = hashlib.sha256(content).hexdigest()[:32]
    return f'"{version}-{digest}"' if version else f'W/"{digest}"'


def answer(request: Request, response: HttpResponse, version: str | None) -> HttpResponse:
    """The answer to a reading with its ETag, or 304 for who has it already."""
    if response.status_code != 200 or response.streaming or not response.get("Content-Type", "").startswith(JSON):
        return response
    response["ETag"] = tag(response.content, version)
    has = parse_etags(request.headers.get("If-None-Match", ""))
    if has != ["*"] and bare(response["ETag"]) not in {bare(each) for each in has}:
        return response
    return HttpResponse(status=304, headers={name: value for name, value in response.headers.items() if name in STAYS})


def bare(tag: str) -> str:
    """An ETag for the weak comparison, which is that of If-None-Match."""
    return tag.removeprefix("W/")
