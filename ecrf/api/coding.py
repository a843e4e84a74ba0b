"""Dictionaries, texts to be coded and their codes, over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.files import taking
from core.rest.fields import ProjectField
from core.rest.parsers import MultiPartParser
from core.rest.views import ProjectViewSet
from ecrf import permissions, services
from ecrf.api.queries import form_of
from ecrf.engine.dictionaries import FORMATS, MAX_BYTES
from ecrf.models import Coded, Dictionary
from ecrf.services import coding, dictionaries


class DictionarySerializer(serializers.ModelSerializer[Dictionary]):
    project = serializers.SlugRelatedField[Dictionary](slug_field="slug", read_only=True)

    class Meta:
        model = Dictionary
        fields = ["id", "project", "key", "title", "number", "version", "kind", "language", "licence", "levels"]
        fields += ["shared", "terms_count", "created_at"]


class LoadSerializer(serializers.Serializer[Any]):
    project = ProjectField()
    file = serializers.FileField(validators=[taking.Takes(taking.Kind.TEXT, taking.Kind.ZIP, taking.Kind.XML)])
    kind = serializers.ChoiceField(choices=sorted(FORMATS))
    key = serializers.SlugField(max_length=50)
    title = serializers.CharField(max_length=200)
    version = serializers.CharField(max_length=50)
    language = serializers.CharField(max_length=12, required=False, default="", allow_blank=True)
    licence = serializers.CharField(required=False, default="", allow_blank=True)
    shared = serializers.BooleanField(default=False)


class TermSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    path = serializers.JSONField()


class MovedSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    change = serializers.CharField(help_text="gone, retired, moved or renamed")
    now = serializers.CharField()
    uses = serializers.IntegerField()


class DictionaryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Dictionaries, each load a version of its own."""

    filterset_fields = {"key": ["exact"], "kind": ["exact"]}
    queryset = Dictionary.objects.select_related("project")
    serializer_class = DictionarySerializer

    @extend_schema(request={"multipart/form-data": LoadSerializer}, responses={201: DictionarySerializer})
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def load(self, request: Request) -> Response:
        """Load a dictionary, or its next version: 422 with each line that is wrong."""
        asked = LoadSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = {**asked.validated_data}
        content = values.pop("file").read(MAX_BYTES + 1)
        made = services.load_dictionary(request.user, values.pop("project"), content, **values)
        return Response(DictionarySerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True)],
        responses={200: TermSerializer(many=True)},
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def search(self, request: Request, pk: Any = None) -> Response:
        """The terms that some words mean most likely."""
        found = dictionaries.search(self.get_object(), request.query_params.get("q", ""), 20)
        return Response(TermSerializer(found, many=True).data)

    @extend_schema(responses={200: MovedSerializer(many=True)}, filters=False)
    @action(detail=True, pagination_class=None)
    def changes(self, request: Request, pk: Any = None) -> Response:
        """What this version does to the codes in use of the one before."""
        one = self.get_object()
        access.require(request.user, permissions.MANAGE_DICTIONARIES, one.project, obj=one)
        before = Dictionary.objects.filter(project=one.project, key=one.key, number=one.number - 1).first()
        found = dictionaries.changes(one.project, before, one) if before else []
        return Response(MovedSerializer(found, many=True).data)


class GroupSerializer(serializers.Serializer[Any]):
    dictionary = serializers.CharField()
    digest = serializers.CharField(help_text="Names the text in calls.")
    text = serializers.CharField()
    waiting = serializers.SerializerMethodField()
    places = serializers.SerializerMethodField()
    code = serializers.CharField(source="coded.code", default="")

    def get_waiting(self, group: coding.Group) -> int:
        return len(group.waiting)

    def get_places(self, group: coding.Group) -> int:
        return len(group.places)


class CodeSerializer(serializers.Serializer[Any]):
    form = serializers.UUIDField(help_text="Id of the form.")
    dictionary = serializers.CharField(max_length=50)
    digest = serializers.CharField(max_length=64)
    act = serializers.ChoiceField(choices=["code", "not_codable", "approve", "withdraw", "ask"], default="code")
    code = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class FormToCodeSerializer(serializers.Serializer[Any]):
    form = serializers.UUIDField(help_text="Id of the form.")


class TextCountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class CodedSerializer(serializers.ModelSerializer[Coded]):
    dictionary = serializers.StringRelatedField[Coded]()

    class Meta:
        model = Coded
        fields = ["id", "entry", "item", "row", "dictionary", "code", "label", "path", "state", "how", "created_at"]


class CodeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The codes that texts have, and the texts that wait for one."""

    filterset_fields = {"entry": ["exact"], "item": ["exact"], "code": ["exact"], "state": ["exact"]}
    queryset = Coded.objects.filter(ended_at=None).select_related("dictionary", "entry__subject")
    serializer_class = CodedSerializer

    @extend_schema(
        parameters=[OpenApiParameter("form", str, required=True)],
        responses={200: GroupSerializer(many=True)},
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def texts(self, request: Request) -> Response:
        """The texts of a form, alike ones together."""
        form = form_of(request, request.query_params.get("form"))
        access.require(request.user, permissions.CODE, form.project, obj=form)
        found = coding.groups_of(request.user, form)
        audit.record(request.user, "ecrf.verbatims_read", form, texts=len(found))
        return Response(GroupSerializer(found, many=True).data)

    @extend_schema(request=CodeSerializer, responses={200: TextCountSerializer})
    def create(self, request: Request) -> Response:
        """Code a text wherever it stands, or take back, approve, ask; gives at how many places."""
        asked = CodeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        form = form_of(request, values["form"])
        access.require(request.user, permissions.CODE, form.project, obj=form)
        at = (request.user, form, values["dictionary"], values["digest"])
        count: int = {
            "code": lambda: len(coding.code_text(*at, values["code"])),
            "not_codable": lambda: len(coding.call_not_codable(*at, values["reason"])),
            "approve": lambda: coding.approve_codes(*at),
            "withdraw": lambda: coding.withdraw_codes(*at),
            "ask": lambda: coding.ask_about(*at, values["reason"]),
        }[values["act"]]()
        return Response({"count": count})

    @extend_schema(request=FormToCodeSerializer, responses={200: TextCountSerializer})
    @action(detail=False, methods=["post"])
    def itself(self, request: Request) -> Response:
        """Code what is sure by itself."""
        asked = FormToCodeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response({"count": coding.code_by_itself(request.user, form_of(request, asked.validated_data["form"]))})
