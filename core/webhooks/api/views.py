"""Webhooks over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core.accounts.fresh import require_fresh
from core.rest.request import Request
from core.rest.views import ProjectViewSet
from core.webhooks import services
from core.webhooks.api import serializers
from core.webhooks.models import Delivery, Endpoint

NOT_KEPT = {"Cache-Control": "no-store"}


class EndpointViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Addresses of other programs that are told what happens in a project."""

    queryset = Endpoint.objects.select_related("project", "owner")
    serializer_class = serializers.EndpointSerializer
    if_match_required = ("partial_update",)

    @extend_schema(request=serializers.NewEndpointSerializer, responses={201: serializers.SecretSerializer})
    def create(self, request: Request) -> Response:
        """Add an address. The answer holds the secret that signs the calls, which is not shown again."""
        values = self.read(serializers.NewEndpointSerializer)
        require_fresh(request._request, request.user)
        made, text = services.create_endpoint(
            request.user, values["project"], values["url"], values["events"], values["description"]
        )
        shown = {**serializers.EndpointSerializer(made).data, "secret": text}
        return Response(shown, status=status.HTTP_201_CREATED, headers=NOT_KEPT)

    @extend_schema(request=serializers.ChangedEndpointSerializer, responses=serializers.EndpointSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change its events or description, or switch it on or off. Needs If-Match."""
        endpoint = self.get_object()
        values = self.read(serializers.ChangedEndpointSerializer)
        return Response(self.get_serializer(services.change_endpoint(request.user, endpoint, **values)).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Delete an address, with the log of what it was told."""
        services.delete_endpoint(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=serializers.SecretSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: Any = None) -> Response:
        """Renew the secret. For a day, calls are signed with both."""
        found = self.get_object()
        require_fresh(request._request, request.user)
        endpoint, text = services.rotate_secret(request.user, found)
        return Response({**self.get_serializer(endpoint).data, "secret": text}, headers=NOT_KEPT)

    @extend_schema(request=None, responses={202: serializers.DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: Any = None) -> Response:
        """Have the address called now, about nothing. 409 while it is switched off."""
        delivery = services.send_test(request.user, self.get_object())
        return Response(serializers.DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=serializers.TimeSerializer, responses={202: serializers.CountSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: Any = None) -> Response:
        """Tell again all that happened in a time, under the same ids."""
        endpoint = self.get_object()
        values = self.read(serializers.TimeSerializer)
        count = services.replay_since(request.user, endpoint, values["since"], values.get("until"))
        return Response({"deliveries": count}, status=status.HTTP_202_ACCEPTED)

    def read(self, kind: Any) -> dict[str, Any]:
        form = kind(data=self.request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        return values


class DeliveryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What the addresses were told, or are to be told: for thirty days."""

    filterset_fields = ("endpoint", "action", "state")
    queryset = Delivery.objects.select_related("endpoint__project")

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.prefetch_related("attempts") if self.action == "retrieve" else rows

    def get_serializer_class(self) -> Any:
        return serializers.DeliverySerializer if self.action == "list" else serializers.DeliveryDetailSerializer

    @extend_schema(request=None, responses={202: serializers.DeliveryDetailSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: Any = None) -> Response:
        """Tell it again, under the same id. 409 while the address is switched off."""
        delivery = services.replay(request.user, self.get_object())
        return Response(self.get_serializer(delivery).data, status=status.HTTP_202_ACCEPTED)
