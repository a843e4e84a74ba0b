"""Changes as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from core.history.models import Change


class ChangeSerializer(serializers.ModelSerializer[Change]):
    before = serializers.DictField(read_only=True, help_text="The columns that differ, as they were; secrets as dots.")
    after = serializers.DictField(read_only=True, help_text="The same, as they are from then on.")

    class Meta:
        model = Change
        fields = [
            "id",
            "at",
            "kind",
            "key",
            "act",
            "before",
            "after",
            "project_id",
            "organisation_id",
            "actor_id",
            "event_id",
            "request_id",
            "channel",
        ]
        read_only_fields = fields
