"""Sealed files over REST: for their owners, and for whoever has a link."""

from __future__ import annotations

import base64
from typing import IO, Any

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, parsers, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from backup import queries
from backup.api.serializers import visible_projects
from backup.models import FileRequest, Send
from backup.models.sends import PIECE
from backup.services import asking, fetching, guessing, pieces, sends
from core.access.models import Project
from core.files import downloads
from core.rest import limits
from core.rest.views import ProjectViewSet, View

BYTES = "application/octet-stream"
NUMBER = OpenApiParameter("number", int, location="path", description="From 0: bytes from `number` times 4 MiB on.")


class PieceParser(parsers.BaseParser):
    """The bytes of a piece, and one more where there are too many."""

    media_type = BYTES

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read(PIECE + 1)


class SendSerializer(serializers.ModelSerializer[Send]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    owner = serializers.SlugRelatedField[Send](slug_field="email", read_only=True)
    state = serializers.ChoiceField(("uploading", "ready", "used", "expired", "revoked", "abandoned"), read_only=True)
    piece_count = serializers.IntegerField(read_only=True, help_text="Pieces of 4 MiB; the last may be shorter.")

    class Meta:
        model = Send
        fields = [
            "id",
            "project",
            "owner",
            "request",
            "link",
            "state",
            "size",
            "piece_count",
            "is_protected",
            "most_fetches",
            "fetch_count",
            "fetched_at",
            "expires_at",
            "finished_at",
            "revoked_at",
            "erased_at",
            "created_at",
        ]
        read_only_fields = fields


class NewSendSerializer(serializers.Serializer[Send]):
    project = serializers.SlugRelatedField(slug_field="slug", queryset=Project.objects.none())
    size = serializers.IntegerField(min_value=1, max_value=1 << 62, help_text="Bytes of the sealed object, padded.")
    days = serializers.IntegerField(min_value=1, max_value=sends.MOST_DAYS, default=sends.DAYS)
    most_fetches = serializers.IntegerField(
        min_value=1, max_value=sends.MOST_FETCHES, required=False, allow_null=True, default=None
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        visible_projects(self)


class DaysSerializer(serializers.Serializer[Send]):
    days = serializers.IntegerField(min_value=1, max_value=sends.MOST_DAYS)


class PiecesSerializer(serializers.Serializer[Send]):
    """Which pieces are there: only the others are still to be sent."""

    numbers = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    piece_count = serializers.IntegerField(read_only=True)


class FileRequestSerializer(serializers.ModelSerializer[FileRequest]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    owner = serializers.SlugRelatedField[FileRequest](slug_field="email", read_only=True)
    state = serializers.ChoiceField(("open", "expired", "revoked"), read_only=True)

    class Meta:
        model = FileRequest
        fields = ["id", "project", "owner", "link", "state", "most_bytes", "expires_at", "revoked_at", "created_at"]
        read_only_fields = fields


class NewFileRequestSerializer(serializers.Serializer[FileRequest]):
    project = serializers.SlugRelatedField(slug_field="slug", queryset=Project.objects.none())
    days = serializers.IntegerField(min_value=1, max_value=sends.MOST_DAYS, default=sends.DAYS)
    most_bytes = serializers.IntegerField(
        min_value=sends.SMALLEST, max_value=sends.PER_PERSON, default=asking.USUAL_BYTES
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        visible_projects(self)


class SealedFileSerializer(serializers.Serializer[Send]):
    """What a link tells of its file: neither its name nor where in the suite it belongs."""

    sender = serializers.CharField(read_only=True)
    size = serializers.IntegerField(read_only=True)
    piece_count = serializers.IntegerField(read_only=True)
    is_protected = serializers.BooleanField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class TicketSerializer(SealedFileSerializer):
    ticket = serializers.CharField(read_only=True, help_text="By which this download goes on for a day.")


class DropSerializer(serializers.Serializer[FileRequest]):
    asks = serializers.CharField(read_only=True, help_text="Who asks for files.")
    most_bytes = serializers.IntegerField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class NewDropSerializer(serializers.Serializer[Send]):
    size = serializers.IntegerField(min_value=1, max_value=1 << 62, help_text="Bytes of the sealed object, padded.")
    envelope = serializers.CharField(max_length=200, help_text="Its key, sealed to that of the request, in base64.")

    def validate_envelope(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise serializers.ValidationError("This isn’t base64.") from error


class DroppedSerializer(serializers.Serializer[Send]):
    token = serializers.CharField(read_only=True, help_text="By which this upload goes on.")
    piece_count = serializers.IntegerField(read_only=True)


class SendViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Sealed files of one's own, sent and received; whoever sets the backups of a project sees all of it."""

    queryset = Send.objects.select_related("project", "owner")
    serializer_class = SendSerializer
    filterset_fields = ["request"]
    costs = {"piece": limits.READ}

    @extend_schema(request=NewSendSerializer, responses={201: SendSerializer})
    def create(self, request: Request) -> Response:
        """Begin to send a file that is sealed already (SEALED.md). Its key is never told to the server."""
        form = NewSendSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = sends.begin(request.user, **dict(form.validated_data))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=PiecesSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def pieces(self, request: Request, pk: Any = None) -> Response:
        """The numbers of the pieces that are there."""
        return Response(of_pieces(self.get_object()))

    @extend_schema(request={BYTES: OpenApiTypes.BINARY}, parameters=[NUMBER], responses={201: None, 204: None})
    @action(detail=True, methods=["put"], url_path=r"piece/(?P<number>[0-9]{1,6})", parser_classes=[PieceParser])
    def piece(self, request: Request, number: str, pk: Any = None) -> Response:
        """Send a piece. The same again is 204, another content under its number 409, what is no piece of it 422."""
        return received(pieces.put(request.user, self.get_object(), int(number), body(request)))

    @extend_schema(request=None, responses=SendSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: Any = None) -> Response:
        """Let it be fetched, now that all of it is there. 422 where it isn't."""
        return Response(self.get_serializer(sends.finish(request.user, self.get_object())).data)

    @extend_schema(request=DaysSerializer, responses=SendSerializer)
    @action(detail=True, methods=["post"])
    def prolong(self, request: Request, pk: Any = None) -> Response:
        """Let it be fetched for so many days from now on. 409 once it is over."""
        form = DaysSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(
            self.get_serializer(sends.prolong(request.user, self.get_object(), **dict(form.validated_data))).data
        )

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Revoke it: nobody fetches it any more, and its bytes are removed."""
        sends.revoke(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class FileRequestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Links by which people without account drop files."""

    queryset = FileRequest.objects.select_related("project", "owner")
    serializer_class = FileRequestSerializer

    @extend_schema(request=NewFileRequestSerializer, responses={201: FileRequestSerializer})
    def create(self, request: Request) -> Response:
        """Make such a link. The public key that belongs to it is made where it is called, and stands after its #."""
        form = NewFileRequestSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = asking.ask(request.user, **dict(form.validated_data))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Take no more files by it; what was dropped stays until it expires."""
        asking.withdraw(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ByLink(View):
    """What whoever has a link may ask, with an account or without; to guess at links costs much."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, Http404):
            try:
                guessing.charge()
            except limits.TooMany as too_many:
                error = too_many
        return super().handle_exception(error)


class SealedView(ByLink):
    @extend_schema(responses=SealedFileSerializer)
    def get(self, request: Request, link: str) -> Response:
        """What the link tells of its file. 409 says why it can't be fetched, 404 that there is no such link."""
        send = queries.sent(link)
        fetching.refuse(queries.state_for_others(send))
        return Response(of_sealed(send))

    @extend_schema(request=None, responses={201: TicketSerializer})
    def post(self, request: Request, link: str) -> Response:
        """Begin to fetch it: counted, and told to its sender. The pieces come by the ticket."""
        fetch, ticket = fetching.begin(link)
        return Response({**of_sealed(fetch.send), "ticket": ticket}, status=status.HTTP_201_CREATED)


class SealedPieceView(ByLink):
    @extend_schema(
        parameters=[NUMBER],
        responses={(200, BYTES): OpenApiTypes.BINARY, (206, BYTES): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, link: str, ticket: str, number: int) -> HttpResponseBase:
        """The bytes of a piece, still sealed, or a range of them. 409 once the file is over."""
        stored = fetching.piece(link, ticket, number)
        return downloads.send(request._request, stored, name=str(number), media_type=BYTES)


class DropView(ByLink):
    @extend_schema(responses=DropSerializer)
    def get(self, request: Request, link: str) -> Response:
        """Who asks for files by this link. 409 once it is over."""
        row = queries.request_of(link)
        asking.refuse(queries.request_state(row))
        return Response({"asks": str(row.owner), "most_bytes": row.most_bytes, "expires_at": row.expires_at})

    @extend_schema(request=NewDropSerializer, responses={201: DroppedSerializer})
    def post(self, request: Request, link: str) -> Response:
        """Begin to drop a sealed file; its pieces go by the token."""
        form = NewDropSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        send, token = asking.drop(link, **dict(form.validated_data))
        return Response({"token": token, "piece_count": send.piece_count}, status=status.HTTP_201_CREATED)


class DropPiecesView(ByLink):
    @extend_schema(responses=PiecesSerializer)
    def get(self, request: Request, link: str, token: str) -> Response:
        """The numbers of the pieces that are there."""
        return Response(of_pieces(asking.dropped(link, token)))


class DropFinishView(ByLink):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, link: str, token: str) -> Response:
        """Say that all of it is there. 422 where it isn't."""
        asking.finish(link, token)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DropPieceView(ByLink):
    parser_classes = (PieceParser,)
    cost = limits.READ

    @extend_schema(request={BYTES: OpenApiTypes.BINARY}, parameters=[NUMBER], responses={201: None, 204: None})
    def put(self, request: Request, link: str, token: str, number: int) -> Response:
        """Send a piece. The same again is 204, another content under its number 409, what is no piece of it 422."""
        return received(asking.put(link, token, number, body(request)))


def body(request: Request) -> bytes:
    """What was sent; where nothing was, the framework says so with an empty form."""
    data: Any = request.data
    return data if isinstance(data, bytes) else b""


def received(new: bool) -> Response:
    return Response(status=status.HTTP_201_CREATED if new else status.HTTP_204_NO_CONTENT)


def of_pieces(send: Send) -> dict[str, Any]:
    return {"numbers": list(send.pieces.values_list("number", flat=True)), "piece_count": send.piece_count}


def of_sealed(send: Send) -> dict[str, Any]:
    facts = {name: getattr(send, name) for name in ("size", "piece_count", "is_protected", "expires_at")}
    return {"sender": "" if send.request_id else str(send.owner), **facts}
