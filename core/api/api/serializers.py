"""Tokens as the API shows them: never their secret."""

from __future__ import annotations

from rest_framework import serializers

from core.api.models import Token
from core.rest.fields import ProjectField


class TokenSerializer(serializers.ModelSerializer[Token]):
    project = ProjectField()

    class Meta:
        model = Token
        fields = ["id", "name", "project", "permissions", "created_at", "expires_at", "last_used_at"]
        read_only_fields = ["last_used_at"]


class NewTokenSerializer(TokenSerializer):
    token = serializers.CharField(read_only=True, help_text="Shown this once: suite_<key>.<secret>")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
