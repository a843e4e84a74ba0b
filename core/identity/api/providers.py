"""Identity providers over REST, for who runs the instance; to others there is none."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core.access.api.administrators import ForAdministrators
from core.identity import providers
from core.identity.api.serializers import CheckSerializer, NewProviderSerializer, ProviderSerializer
from core.identity.models import IdentityProvider
from core.rest.request import Request


class ProviderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ForAdministrators):
    """Where people may sign in instead of here. What changes one is done by who has just said who he is."""

    permission = providers.PERMISSION
    queryset = IdentityProvider.objects.all()
    serializer_class = ProviderSerializer
    if_match_required = ("partial_update",)

    @extend_schema(request=NewProviderSerializer, responses={201: ProviderSerializer})
    def create(self, request: Request) -> Response:
        """Add a provider. Of the kind `psc`, what isn't given is that of Pro Santé Connect."""
        self.ask_who()
        values = self._given(NewProviderSerializer(data=request.data))
        made = providers.save(request.user, None, {**providers.PRESETS[values["kind"]], **values})
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ProviderSerializer, responses=ProviderSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change what is given; without a `secret` the one that is kept stays. Needs If-Match."""
        found = self.get_object()
        self.ask_who()
        values = self._given(ProviderSerializer(found, data=request.data, partial=True))
        return Response(self.get_serializer(providers.save(request.user, found, values)).data)

    @extend_schema(request=None, responses=ProviderSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: Any = None) -> Response:
        """Let people sign in through it."""
        return self._switched(True)

    @extend_schema(request=None, responses=ProviderSerializer)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: Any = None) -> Response:
        """Nobody signs in through it any more; who is linked stays linked."""
        return self._switched(False)

    @extend_schema(request=None, responses=CheckSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: Any = None) -> Response:
        """Ask the provider what a sign-in would ask, and say what is missing."""
        found = self.get_object()
        self.ask_who()
        fault = providers.check(request.user, found)
        return Response({"works": not fault, "fault": fault})

    def _switched(self, enabled: bool) -> Response:
        found = self.get_object()
        self.ask_who()
        providers.enable(self.request.user, found, enabled)
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)

    def _given(self, form: Any) -> dict[str, Any]:
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        return values
