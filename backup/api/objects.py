"""The objects of a repository over REST: an append-only store for agents, and ciphertext to read for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from backup.api.machine import AgentAuthentication, IsAgentOrPerson, Limit, agent_of
from backup.engine.errors import AlreadyThere, BackupError, Full, Missing, StillLocked
from backup.engine.format import layout
from backup.models import Agent, Repository
from backup.services import objects
from backup.services.objects import Act
from core.api.authentication import TokenAuthentication
from core.errors import Fault, Invalid
from core.files import streams
from core.files.engine import ranges
from core.rest import problems
from core.rest.request import Request
from core.rest.views import View

MEDIA_TYPE = "application/octet-stream"
PAGE, LARGEST_PAGE = 1000, 10_000
AT_ONCE = 4 << 20
"""Bytes that are sent in one piece; more are read while they are sent."""
BYTES = {(200, MEDIA_TYPE): OpenApiTypes.BINARY, (206, MEDIA_TYPE): OpenApiTypes.BINARY}


class Taken(APIException):
    status_code = 412
    default_code = "already-there"
    default_detail = _("There is an object of this name, and nothing is ever overwritten.")


class NoRoomLeft(APIException):
    status_code = 507
    default_code = "no-room"
    default_detail = _("There is no room left for this repository. Raise its quota, or forget and prune.")


class StoreAway(APIException):
    status_code = 503
    default_code = "store-away"
    default_detail = _("The repository isn’t where it was, or can’t be reached. Try again later.")


class BytesParser(BaseParser):
    """A body as it comes, read by whoever keeps it."""

    media_type = MEDIA_TYPE

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return stream


class ListedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    received = serializers.CharField(
        help_text="When the store took it, in nanoseconds since 1970: as text, since not every reader has such numbers."
    )


class ListingSerializer(serializers.Serializer[Any]):
    objects = ListedSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="Ask for what comes `after` this, if anything does.")


class Objects(View):
    """What agents and people have in common at these addresses."""

    authentication_classes = (AgentAuthentication, TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAgentOrPerson,)
    throttle_classes = (Limit,)

    def reading(self, request: Request, pk: UUID, act: Act, name: str) -> Repository:
        """The repository, for who may look at this object or folder. Raises Http404, Refusal."""
        agent = agent_of(request)
        if agent is None:
            found = objects.readable(request.user, pk)
            objects.note_reading(request.user, found)
            return found
        repository = objects.repository_of(agent, pk)
        if repository is None:
            raise Http404
        folder, _slash, rest = name.partition("/")
        objects.require(agent, act, folder, rest.rpartition("/")[0])
        return repository

    def writing(self, request: Request, pk: UUID, act: Act, name: str) -> Agent:
        """The agent, if it may change this. Nobody else may, whatever he may read."""
        agent = agent_of(request)
        if agent is None:
            raise objects.OnlyReads(request.user, objects.readable(request.user, pk), act)
        self.reading(request, pk, act, name)
        return agent


class ListingView(Objects):
    @extend_schema(
        operation_id="backup_repositories_objects_list",
        parameters=[
            OpenApiParameter("folder", str, required=True, enum=layout.FOLDERS, description="Which objects."),
            OpenApiParameter("after", str, description="Those whose names come after this one: `next` of a page."),
            OpenApiParameter("limit", int, description=f"How many: {PAGE} by default, {LARGEST_PAGE} at most."),
        ],
        responses=ListingSerializer,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The objects of a folder in the order of their names, page by page. The time by the header Date is theirs."""
        asked = request.query_params
        folder, after = asked.get("folder", ""), asked.get("after", "")
        faults = [] if is_folder(folder) else [Fault("folder", "unknown", _("There is no such folder."))]
        limit = asked.get("limit", str(PAGE))
        if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit[:9]) <= LARGEST_PAGE:
            message = _("A page has 1 to %(most)s rows.") % {"most": LARGEST_PAGE}
            faults.append(Fault("limit", "range", message))
        repository = self.reading(request, pk, Act.LIST, folder.partition("/")[0])
        if faults:
            raise Invalid(faults)
        with in_http():
            found, following = objects.listing(repository, folder, after, int(limit))
        rows = [{"name": one.name, "size": one.size, "received": str(one.received)} for one in found]
        return Response({"objects": rows, "next": following})


class ObjectView(Objects):
    """One object. Its name is a folder and digits: `packs/0a/0a…`, `snapshots/<key>/<number>`, `config/1`."""

    parser_classes = (BytesParser,)

    @extend_schema(
        parameters=[OpenApiParameter("Range", location="header", description="One range of bytes: `bytes=0-23`.")],
        responses=BYTES,
    )
    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        """The bytes of an object, or a part of them (206); 416 beyond its end. All of it is encrypted."""
        act = Act.LIST if request.method == "HEAD" else Act.READ  # the size of an object is in the listing too
        repository = self.reading(request, pk, act, name)
        with in_http():
            return sent(request, repository, whole(name))

    @extend_schema(request={MEDIA_TYPE: OpenApiTypes.BINARY}, responses={201: None})
    def put(self, request: Request, pk: UUID, name: str) -> HttpResponse:
        """Keep a new object: agents only. 412 where the name is taken, 422 for other bytes than the name says, 507."""
        agent = self.writing(request, pk, Act.CREATE, name)
        with in_http():
            objects.create(agent, whole(name), received(request.data))
        return HttpResponse(status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: UUID, name: str) -> HttpResponse:
        """Take an object away, for good: agents that forget and prune only. One that isn't there is no error."""
        agent = self.writing(request, pk, Act.DELETE, name)
        with in_http():
            objects.delete(agent, whole(name))
        return HttpResponse(status=status.HTTP_204_NO_CONTENT)


def is_folder(text: str) -> bool:
    try:
        layout.check_folder(text)
    except ValueError:
        return False
    return True


def whole(name: str) -> str:
    """The name. Raises Http404 for what names no object."""
    if not layout.NAME.fullmatch(name):
        raise Http404
    return name


def received(body: Any) -> Iterator[bytes]:
    """The body in pieces; an empty one has none."""
    while hasattr(body, "read") and (piece := body.read(objects.PIECE)):
        yield piece


def sent(request: Request, repository: Repository, name: str) -> HttpResponseBase:
    """The object, or what of it is asked for."""
    size = objects.size_of(repository, name)
    asked = request.headers.get("Range", "") if request.method == "GET" else ""
    answer: HttpResponseBase
    try:
        part = ranges.part(asked, size)
    except ranges.Unsatisfiable:
        answer = problems.plain(request._request, 416, "range", str(_("The object has no such part.")))
        answer["Content-Range"] = f"bytes */{size}"
        return answer
    wanted = part if part is not None else range(size)
    if request.method == "HEAD":
        answer = HttpResponse(content_type=MEDIA_TYPE)
    elif len(wanted) <= AT_ONCE:
        answer = HttpResponse(b"".join(objects.pieces(repository, name, wanted)), content_type=MEDIA_TYPE)
    else:
        pieces = objects.pieces(repository, name, wanted)
        answer = streams.send(request._request, pieces, name=name.rpartition("/")[2], media_type=MEDIA_TYPE)
    answer["Accept-Ranges"], answer["Cache-Control"] = "bytes", "no-store"
    answer["Content-Length"] = str(len(wanted))
    if part is not None:
        answer.status_code = status.HTTP_206_PARTIAL_CONTENT
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return answer


class Locked(APIException):
    status_code = 403
    default_code = "locked"
    default_detail = _("The object is locked where it lies. It can be taken away later.")


@contextmanager
def in_http() -> Iterator[None]:
    """What the store says, as an answer."""
    try:
        yield
    except Missing:
        raise Http404 from None
    except AlreadyThere:
        raise Taken from None
    except (objects.OverQuota, Full):
        raise NoRoomLeft from None
    except StillLocked:
        raise Locked from None
    except BackupError:
        raise StoreAway from None
