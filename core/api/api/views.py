"""Manage one's own tokens. A token can't be used to make another."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework import request as framework
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response

from core import access
from core.api import services
from core.api.api.serializers import NewTokenSerializer, TokenSerializer
from core.api.models import Token
from core.rest.request import Request
from core.rest.views import ProjectViewSet


class InPerson(BasePermission):
    """Not by a token: a call that tries it is refused, and the journal names the token."""

    def has_permission(self, request: framework.Request, view: Any) -> bool:
        if request.auth is not None:
            project = getattr(request.auth, "project", None)
            raise access.Refused(request.user, "api.create_token", project, request.auth)
        return True


class TokenViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """One's own access tokens that still work. Only a signed-in person makes or revokes them."""

    queryset = Token.objects.all()
    serializer_class = TokenSerializer
    permission_classes = (IsAuthenticated, InPerson)
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Token]:
        if getattr(self, "swagger_fake_view", False):
            return Token.objects.none()
        return Token.objects.usable().filter(user=self.request.user)

    @extend_schema(request=NewTokenSerializer, responses={201: NewTokenSerializer})
    def create(self, request: Request) -> Response:
        """Make a token. The answer holds its text, which is not shown again."""
        form = NewTokenSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        token, text = services.create_token(request.user, **form.validated_data)
        return Response(
            {**TokenSerializer(token).data, "token": text},
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Revoke a token at once."""
        services.revoke_token(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
