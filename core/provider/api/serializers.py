"""Services that sign people in here, as the API shows and takes them: a secret only once."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.provider import queries
from core.provider.models import Service, SigningKey
from core.provider.scopes import WORDS
from core.provider.services import LONGEST, MOST, Wanted, described


class Addresses(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=LONGEST), max_length=MOST, **options)


class DescribedSerializer(serializers.Serializer[Any]):
    """What an administrator says of a service."""

    name = serializers.CharField(max_length=100, help_text="As people read it when they sign in.")
    description = serializers.CharField(max_length=300, allow_blank=True, default="")
    public = serializers.BooleanField(default=False, help_text="A program on people’s machines: it keeps no secret.")
    redirect_uris = Addresses(default=list, help_text="Where people go back to, exactly as the service sends it.")
    post_logout_uris = Addresses(default=list)
    scopes = serializers.MultipleChoiceField(
        choices=list(WORDS.items()), required=False, help_text="openid alone, where none is named."
    )
    refreshes = serializers.BooleanField(default=True, help_text="It may stay connected without the person.")
    by_code = serializers.BooleanField(default=False, help_text="A command line signs in by a code in a browser.")
    skip_consent = serializers.BooleanField(default=False)
    audience = serializers.ChoiceField(choices=Service.Audience.choices, default=Service.Audience.EVERYBODY)
    organisations = serializers.SlugRelatedField(
        slug_field="slug", many=True, queryset=queries.organisations(), required=False
    )
    projects = serializers.SlugRelatedField(slug_field="slug", many=True, queryset=queries.projects(), required=False)
    logout_address = serializers.CharField(max_length=LONGEST, allow_blank=True, default="")

    def wanted(self, before: Wanted | None = None) -> Wanted:
        """What was sent; with `partial`, the rest as it was before."""
        return Wanted(**{**(vars(before) if before else {}), **self.validated_data})


class ClientSerializer(DescribedSerializer):
    """A service, and what it is known by."""

    id = serializers.UUIDField(source="pk")
    client_id = serializers.CharField()
    people = serializers.IntegerField(help_text="Connected now.")
    disabled_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, service: Service) -> dict[str, Any]:
        known = {name: getattr(service, name) for name in ("pk", "client_id", "people", "disabled_at", "created_at")}
        shown = super().to_representation({**vars(described(service)), **known})
        return {**shown, "scopes": sorted(shown["scopes"])}


class NewClientSerializer(ClientSerializer):
    secret = serializers.CharField(help_text="Shown this once; empty for a public service.")

    def to_representation(self, made: tuple[Service, str]) -> dict[str, Any]:  # type: ignore[override]
        service, secret = made
        return {**ClientSerializer(service).data, "secret": secret}


class KeySerializer(serializers.ModelSerializer[SigningKey]):
    class Meta:
        model = SigningKey
        fields = ["kid", "state", "public", "since"]
