"""Webhooks and their deliveries, as the API shows them: a secret only once."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.rest.fields import ProjectField
from core.webhooks.models import Attempt, Delivery, Endpoint


class EndpointSerializer(serializers.ModelSerializer[Endpoint]):
    project = serializers.SlugRelatedField[Endpoint](slug_field="slug", read_only=True)
    active = serializers.SerializerMethodField()
    off = serializers.CharField(read_only=True, help_text="Why it is switched off: person, failing, gone or rights.")

    class Meta:
        model = Endpoint
        fields = ["id", "project", "url", "description", "events", "active", "off", "failing_since", "created_at"]
        read_only_fields = fields

    def get_active(self, endpoint: Endpoint) -> bool:
        return not endpoint.off


class SecretSerializer(EndpointSerializer):
    secret = serializers.CharField(read_only=True, help_text="Shown this once: whsec_…")

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class ChangedEndpointSerializer(serializers.Serializer[None]):
    events = serializers.ListField(child=serializers.CharField(max_length=80), max_length=200, required=False)
    description = serializers.CharField(max_length=120, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False, help_text="Switches it on or off.")


class NewEndpointSerializer(serializers.Serializer[None]):
    project = ProjectField()
    url = serializers.CharField(max_length=500)
    events = serializers.ListField(child=serializers.CharField(max_length=80), max_length=200)
    description = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ["at", "status", "milliseconds", "fault", "answer"]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    endpoint = serializers.UUIDField(source="endpoint_id", read_only=True)
    message_id = serializers.CharField(read_only=True, help_text="The webhook-id of every try.")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "endpoint",
            "message_id",
            "action",
            "event_id",
            "object_type",
            "object_id",
            "at",
            "state",
            "tried",
            "due_at",
            "created_at",
        ]


class DeliveryDetailSerializer(DeliverySerializer):
    attempts = AttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "attempts"]


class TimeSerializer(serializers.Serializer[None]):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, help_text="Left out: now.")


class CountSerializer(serializers.Serializer[Any]):
    deliveries = serializers.IntegerField()
