"""Sets of fictitious ordonnances, over REST."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit
from core.files import downloads
from core.rest.fields import ProjectField
from core.rest.views import ProjectViewSet
from prescriptions import services
from prescriptions.api.evaluation_serializers import CaseSetSerializer
from prescriptions.engine.synthetic import output
from prescriptions.engine.synthetic.profiles import MIX
from prescriptions.models import Generation
from prescriptions.services.evaluation import MOST_CASES
from prescriptions.services.synthetic import KINDS, LONGEST_SEED, MOST, MOST_RENDERED

ZIP = "application/zip"


class NewGenerationSerializer(serializers.Serializer[None]):
    project = ProjectField(help_text="Slug of the project.")
    count = serializers.IntegerField(min_value=1, max_value=MOST, help_text=f"With pages at most {MOST_RENDERED}.")
    seed = serializers.CharField(default="1", max_length=LONGEST_SEED, help_text="Letters and digits.")
    profiles = serializers.ListField(child=serializers.ChoiceField(choices=[*MIX]), default=[*MIX])
    formats = serializers.ListField(
        child=serializers.ChoiceField(choices=[*output.FORMS]),
        default=["brat", "fhir"],
        help_text="Besides JSON lines; `pages` with COCO boxes.",
    )
    wear = serializers.ChoiceField(choices=[output.MIXED, *output.WEARS], default=output.MIXED)


class GenerationSerializer(serializers.ModelSerializer[Generation]):
    project = serializers.SlugRelatedField[Generation](slug_field="slug", read_only=True)
    author = serializers.SlugRelatedField[Generation](slug_field="email", read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True, help_text="Follow and cancel it below /api/v1/jobs/.")
    size = serializers.IntegerField(
        source="file.size", read_only=True, default=None, allow_null=True, help_text="Bytes of the archive."
    )
    passed = serializers.BooleanField(read_only=True, help_text="Whether the privacy report found nothing.")

    class Meta:
        model = Generation
        fields = ["id", "project", "number", "count", "seed", "profiles", "formats", "wear", "edition", "author",
                  "job", "size", "passed", "datasets", "created_at", "finished_at"]  # fmt: skip


class GenerationDetailSerializer(GenerationSerializer):
    report = serializers.JSONField(read_only=True, help_text="The privacy report; null until the set is done.")

    class Meta(GenerationSerializer.Meta):
        fields = [*GenerationSerializer.Meta.fields, "report"]


class UseSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(choices=[*KINDS], default="line")
    split = serializers.ChoiceField(choices=["train", "dev", "test", ""], default="test", allow_blank=True)
    count = serializers.IntegerField(min_value=1, max_value=MOST_CASES, default=1000)


class GenerationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, ProjectViewSet):
    """Sets of fictitious prescriptions: ask for one, follow its job, read its report, fetch it."""

    queryset = Generation.objects.select_related("project", "author", "file")

    def get_serializer_class(self) -> Any:
        return GenerationSerializer if self.action == "list" else GenerationDetailSerializer

    @extend_schema(request=NewGenerationSerializer, responses={202: GenerationSerializer})
    def create(self, request: Request) -> Response:
        """Have a set made, as a job: 422 with every fault of what is wanted."""
        asked = NewGenerationSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        project = data.pop("project")
        made, _job = services.start_generation(request.user, project, services.Wanted(**data))
        return Response(GenerationSerializer(made).data, status=status.HTTP_202_ACCEPTED)

    def perform_destroy(self, instance: Generation) -> None:
        services.delete_generation(self.request.user, instance)

    @extend_schema(responses={(200, ZIP): OpenApiTypes.BINARY, (206, ZIP): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The archive, or the range of it that is asked for. The download is recorded in the audit trail."""
        held: Generation = self.get_object()
        if held.file is None:
            raise NotFound
        if downloads.is_new(request._request, held.file):
            audit.record(request.user, "prescriptions.generation_downloaded", held, documents=held.count)
        return downloads.send(request._request, held.file, name=held.file.name, media_type=ZIP)

    @extend_schema(request=UseSerializer, responses={201: CaseSetSerializer})
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: Any = None) -> Response:
        """Keep cases of the set for evaluation."""
        asked = UseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = services.use_generation(request.user, self.get_object(), **asked.validated_data)
        return Response(CaseSetSerializer(made).data, status=status.HTTP_201_CREATED)
