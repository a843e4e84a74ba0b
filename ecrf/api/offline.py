"""Working offline, over REST: devices, what they are handed, what they send, and what was set aside."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.rest.fields import ProjectField
from core.rest.views import ProjectViewSet
from ecrf import packing, permissions
from ecrf.api.serializers import ReasonSerializer
from ecrf.models import OfflineDevice, OfflineFragment, Subject
from ecrf.services import offline


class DeviceSerializer(serializers.ModelSerializer[OfflineDevice]):
    project = serializers.SlugRelatedField[OfflineDevice](slug_field="slug", read_only=True)
    owner = serializers.StringRelatedField[OfflineDevice]()

    class Meta:
        model = OfflineDevice
        fields = ["id", "project", "owner", "label", "is_persistent", "created_at", "seen_at", "revoked_at"]


class NewDeviceSerializer(serializers.ModelSerializer[OfflineDevice]):
    project = ProjectField()

    class Meta:
        model = OfflineDevice
        fields = ["project", "label"]


class SubjectsSerializer(serializers.Serializer[None]):
    subjects = serializers.ListField(child=serializers.UUIDField(), max_length=500)


class PackedSerializer(serializers.Serializer[None]):
    forms = serializers.ListField(child=serializers.DictField(), help_text="Key, version and definition of each.")
    records = serializers.ListField(child=serializers.DictField(), help_text="Each subject with his sheets.")


class BatchSerializer(serializers.Serializer[None]):
    fragments = serializers.ListField(
        child=serializers.DictField(),
        max_length=200,
        help_text="Pieces of work: id (ULID), kind, previous, subject, form, event, page, instance, new, version, base "
        "(values, notes), values, notes, complete, reason, said_at; of an inclusion its site.",
    )
    sent_at = serializers.DateTimeField(required=False, help_text="By the clock of the device.")


class AnswersSerializer(serializers.Serializer[None]):
    answers = serializers.ListField(child=serializers.DictField(), help_text="One per piece, in their order.")


class AsideSerializer(serializers.ModelSerializer[OfflineFragment]):
    project = serializers.SlugRelatedField[OfflineFragment](slug_field="slug", read_only=True)
    site = serializers.SlugRelatedField[OfflineFragment](slug_field="code", read_only=True)
    form = serializers.SlugRelatedField[OfflineFragment](slug_field="key", read_only=True)

    class Meta:
        model = OfflineFragment
        fields = [
            *("id", "project", "device", "ulid", "kind", "state", "code", "site", "subject", "form", "event", "page"),
            *("instance", "entry", "said_at", "clock_off", "created_at", "settled_at"),
        ]


class AsideDetailSerializer(AsideSerializer):
    content = serializers.DictField(read_only=True, help_text="What was sent.")

    class Meta(AsideSerializer.Meta):
        fields = [*AsideSerializer.Meta.fields, "content"]


class DeviceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The caller's own devices, and for who locks records those that hold them."""

    filterset_fields = {"revoked_at": ["isnull"]}
    queryset = OfflineDevice.objects.select_related("project", "owner")
    serializer_class = DeviceSerializer

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.filter(pk__in=packing.devices_seen_by(self.request.user).values("pk"))

    @extend_schema(request=NewDeviceSerializer, responses={201: DeviceSerializer})
    def create(self, request: Request) -> Response:
        """Make a device ready."""
        asked = NewDeviceSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        device = offline.register(request.user, asked.validated_data["project"], asked.validated_data["label"])
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SubjectsSerializer, responses={200: PackedSerializer})
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: Any = None) -> Response:
        """Hand over the records of these subjects, or renew them."""
        device = self.get_object()
        taken = offline.take(request.user, device, self.subjects(request, device, permissions.TAKE_OFFLINE))
        packed = {
            "forms": packing.forms(request.user, device.project),
            "records": packing.records(request.user, device.project, taken),
        }
        return Response(packed)

    @extend_schema(request=SubjectsSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def give_back(self, request: Request, pk: Any = None) -> Response:
        """The device holds the records of these subjects no more."""
        device = self.get_object()
        offline.give_back(request.user, device, self.subjects(request, device, permissions.READ))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=BatchSerializer, responses={200: AnswersSerializer})
    @action(detail=True, methods=["post"])
    def sync(self, request: Request, pk: Any = None) -> Response:
        """Take what was done offline, each piece once: applied, merged, partly, aside, pending or refused."""
        device = self.get_object()
        asked = BatchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        batch = offline.read_batch(asked.validated_data["fragments"])
        answers = offline.sync(request.user, device, batch, sent_at=asked.validated_data.get("sent_at"))
        return Response({"answers": answers})

    @extend_schema(request=ReasonSerializer, responses={200: DeviceSerializer})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: Any = None) -> Response:
        """From now on the device gets nothing, and what it sends is set aside."""
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = offline.revoke(request.user, self.get_object(), asked.validated_data["reason"])
        return Response(DeviceSerializer(found).data)

    def subjects(self, request: Request, device: OfflineDevice, permission: str) -> list[Subject]:
        asked = SubjectsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rows = Subject.objects.filter(project=device.project).select_related("project", "site")
        return [access.fetch(rows, request.user, permission, pk=key) for key in asked.validated_data["subjects"]]


class AsideViewSet(mixins.ListModelMixin, ProjectViewSet):
    """What devices sent, for who may lock records at its site; what didn't fit waits here to be seen to."""

    filterset_fields = {"state": ["exact", "in"], "kind": ["exact"], "device": ["exact"]}
    queryset = OfflineFragment.objects.select_related("project", "device__owner", "site", "subject", "form")
    serializer_class = AsideSerializer

    @extend_schema(responses={200: AsideDetailSerializer})
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One with what was sent, where not all of it is in the record."""
        found = self.get_object()
        offline.read_aside(request.user, found)
        return Response(AsideDetailSerializer(found).data)

    @extend_schema(request=None, responses={200: AsideSerializer})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: Any = None) -> Response:
        """Save it after all: 409 where something is still in the way."""
        return Response(AsideSerializer(offline.apply_again(request.user, self.get_object())).data)

    @extend_schema(request=ReasonSerializer, responses={200: AsideSerializer})
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: Any = None) -> Response:
        """Leave it out of the records, with a reason; what was sent stays kept."""
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(
            AsideSerializer(offline.drop(request.user, self.get_object(), asked.validated_data["reason"])).data
        )
