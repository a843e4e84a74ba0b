"""The keys over REST, as the pages have them: for who runs the instance, in person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core.access.models import Project
from core.access.people import is_administrator, require_administrator
from core.accounts.fresh import require_fresh
from core.custody import queries, services
from core.jobs.api.serializers import JobSerializer
from core.rest.pagination import Pages
from core.rest.request import Request
from core.rest.views import ViewSet
from core.vault import keys
from core.vault import services as vault


class KeySerializer(serializers.ModelSerializer[Project]):
    project = serializers.SlugField(source="slug", read_only=True)
    state = serializers.SerializerMethodField()
    version = serializers.IntegerField(read_only=True)
    made = serializers.DateTimeField(read_only=True)

    class Meta:
        model = Project
        fields = ["project", "state", "version", "made"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=queries.STATES))
    def get_state(self, project: Project) -> str:
        return queries.state_of(project)


class InstanceKeySerializer(serializers.Serializer[None]):
    wrapping = serializers.IntegerField(help_text="Version of the instance key that wraps.")
    wrapped = serializers.IntegerField(help_text="Keys that it wraps.")
    others = serializers.IntegerField(help_text="Keys that an earlier one wraps still.")
    version = serializers.IntegerField(
        allow_null=True, help_text="Version of the instance’s own data key; null before it has sealed anything."
    )
    in_renewal = serializers.BooleanField()


class KeyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ViewSet):
    """The key of each project, never what it seals; for who runs the instance."""

    queryset = Project.objects.none()
    serializer_class = KeySerializer
    pagination_class = Pages
    filter_backends = ()
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Project]:
        if getattr(self, "swagger_fake_view", False) or not is_administrator(self.request.user):
            return Project.objects.none()
        return queries.projects()

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, slug: Any = None) -> Response:
        """A new version seals what is new; the job that is answered seals the rest anew. 409 for a destroyed key."""
        project = self.get_object()
        require_fresh(request._request, request.user)
        return self._asked(services.renew_project_key(request.user, project))

    @extend_schema(responses=InstanceKeySerializer, filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def instance(self, request: Request) -> Response:
        """The instance key, and the instance's own data key."""
        require_administrator(request.user, "vault.rotate_key")
        others, own = vault.wrapped_by_others().count(), queries.instance_key()
        told = {"wrapping": keys.wrapping_version(), "wrapped": services.living_keys() - others, "others": others}
        return Response(told | {"version": own.get("version"), "in_renewal": own.get("in_renewal", False)})

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="instance/renew")
    def renew_instance(self, request: Request) -> Response:
        """A new version of the instance's own data key."""
        require_administrator(request.user, "vault.rotate_key")
        require_fresh(request._request, request.user)
        return self._asked(services.renew_instance_data_key(request.user))

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], url_path="instance/rewrap")
    def rewrap(self, request: Request) -> Response:
        """Wrap every key under the newest instance key. 409 where all are."""
        require_administrator(request.user, "vault.rotate_key")
        require_fresh(request._request, request.user)
        return self._asked(services.rewrap_keys(request.user))

    def _asked(self, job: Any) -> Response:
        return Response(JobSerializer(job, context=self.get_serializer_context()).data, status=status.HTTP_202_ACCEPTED)
