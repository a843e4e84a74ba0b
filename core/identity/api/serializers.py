from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.accounts.models import User
from core.identity.models import IdentityProvider, Practice
from core.identity.peer import callback


class PracticeSerializer(serializers.ModelSerializer[Practice]):
    class Meta:
        model = Practice
        fields = ["name", "finess"]


class DirectorySerializer(serializers.ModelSerializer[User]):
    """A person, and what is known of him as a professional; `source` says by whom; null where nothing is."""

    profession = serializers.CharField(source="profile.profession", default=None, read_only=True, allow_null=True)
    rpps = serializers.CharField(source="profile.rpps", default=None, read_only=True, allow_null=True)
    source = serializers.CharField(source="profile.source", default=None, read_only=True, allow_null=True)  # type: ignore[assignment]
    checked_at = serializers.DateTimeField(source="profile.checked_at", default=None, read_only=True, allow_null=True)
    structures = PracticeSerializer(
        source="profile.practices", many=True, default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = User
        fields = ["id", "full_name", "email", "profession", "rpps", "source", "checked_at", "structures"]


class ProviderSerializer(serializers.ModelSerializer[IdentityProvider]):
    """An identity provider; of its secret only whether there is one."""

    kind = serializers.ChoiceField(choices=IdentityProvider.Kind.choices, read_only=True)
    secret = serializers.CharField(
        write_only=True, required=False, allow_blank=True, max_length=500, help_text="Kept sealed, never shown."
    )
    has_secret = serializers.SerializerMethodField()
    callback = serializers.SerializerMethodField(help_text="What the provider must know: where people come back to.")

    class Meta:
        model = IdentityProvider
        fields = [
            "id",
            "slug",
            "kind",
            "name",
            "discovery_url",
            "issuer",
            "authorize_url",
            "token_url",
            "userinfo_url",
            "jwks_url",
            "logout_url",
            "client_id",
            "secret",
            "has_secret",
            "scopes",
            "acr_asked",
            "acr_required",
            "is_strong",
            "creates_accounts",
            "is_enabled",
            "callback",
            "created_at",
            "changed_at",
        ]
        read_only_fields = ["slug", "is_enabled", "changed_at"]

    def get_has_secret(self, provider: IdentityProvider) -> bool:
        return bool(provider.secret)

    def get_callback(self, provider: IdentityProvider) -> str:
        return callback(provider.slug)


class NewProviderSerializer(ProviderSerializer):
    kind = serializers.ChoiceField(choices=IdentityProvider.Kind.choices, default=IdentityProvider.Kind.OIDC)
    name = serializers.CharField(max_length=80, required=False, help_text="Pro Santé Connect has its own.")


class CheckSerializer(serializers.Serializer[Any]):
    works = serializers.BooleanField()
    fault = serializers.CharField(allow_blank=True, help_text="What is missing, in words; empty where it works.")
