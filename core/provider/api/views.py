"""The services that sign people in here, over REST, for who runs the instance; to others there is none."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core.access.api.administrators import ForAdministrators
from core.provider import keys, services
from core.provider.api import serializers
from core.provider.models import Service, SigningKey
from core.rest.request import Request

NOT_KEPT = {"Cache-Control": "no-store"}


class ClientViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForAdministrators):
    """Registered services. What changes one is done by who has just said who he is."""

    permission = services.PERMISSION
    queryset = (
        Service.objects.select_related("client")
        .prefetch_related("organisations", "projects")
        .annotate(
            people=Count("client__connections__user", filter=Q(client__connections__ended_at=None), distinct=True)
        )
    )
    serializer_class = serializers.ClientSerializer
    if_match_required = ("partial_update",)

    @extend_schema(request=serializers.DescribedSerializer, responses={201: serializers.NewClientSerializer})
    def create(self, request: Request) -> Response:
        """Register a service. The answer holds its secret, which is not shown again."""
        self.ask_who()
        form = serializers.DescribedSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        service, secret = services.register(request.user, form.wanted())
        return self._shown_once(service, secret, status.HTTP_201_CREATED)

    @extend_schema(request=serializers.DescribedSerializer, responses=serializers.ClientSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Describe it anew: what isn't given stays, and its kind can't change. Needs If-Match."""
        service = self.get_object()
        self.ask_who()
        form = serializers.DescribedSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        services.change(request.user, service, form.wanted(services.described(service)))
        return self._shown(service)

    @extend_schema(request=None, responses=serializers.NewClientSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: Any = None) -> Response:
        """Renew the secret: shown this once, and the old one opens nothing. 422 for a public service."""
        service = self.get_object()
        self.ask_who()
        return self._shown_once(service, services.renew_secret(request.user, service), status.HTTP_200_OK)

    @extend_schema(request=None, responses=serializers.ClientSerializer)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: Any = None) -> Response:
        """Nobody signs in to it any more, and all that it had ends now."""
        service = self.get_object()
        self.ask_who()
        services.disable(request.user, service)
        return self._shown(service)

    @extend_schema(request=None, responses=serializers.ClientSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: Any = None) -> Response:
        """People may sign in to it again, each anew."""
        service = self.get_object()
        self.ask_who()
        services.enable(request.user, service)
        return self._shown(service)

    def _shown(self, service: Service) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=service.pk)).data)

    def _shown_once(self, service: Service, secret: str, code: int) -> Response:
        made = self.get_queryset().get(pk=service.pk), secret
        return Response(serializers.NewClientSerializer(made).data, status=code, headers=NOT_KEPT)


class KeyViewSet(mixins.ListModelMixin, ForAdministrators):
    """The keys that sign what services are told; their public half."""

    permission = services.PERMISSION
    queryset = SigningKey.objects.defer("private")
    serializer_class = serializers.KeySerializer

    @extend_schema(request=None, responses=serializers.KeySerializer)
    @action(detail=False, methods=["post"])
    def rotate(self, request: Request) -> Response:
        """The next key signs from now on; the old one still verifies what it has signed."""
        self.ask_who()
        return Response(self.get_serializer(keys.rotate_by(request.user)).data)
