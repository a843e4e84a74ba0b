"""Jobs as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from core.jobs.models import Job, Line


class LineSerializer(serializers.ModelSerializer[Line]):
    class Meta:
        model = Line
        fields = ["at", "attempt", "text"]


class JobSerializer(serializers.ModelSerializer[Job]):
    label = serializers.CharField(  # type: ignore[assignment]
        read_only=True, help_text="What this kind of work is called, in your language."
    )
    project = serializers.SlugRelatedField[Job](slug_field="slug", read_only=True)
    owner = serializers.SlugRelatedField[Job](slug_field="email", read_only=True)
    percent = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "task",
            "label",
            "project",
            "owner",
            "state",
            "attempts",
            "done",
            "total",
            "percent",
            "message",
            "result",
            "error",
            "reference",
            "subject_type",
            "subject_id",
            "created_at",
            "started_at",
            "ended_at",
            "cancel_asked_at",
        ]
        read_only_fields = fields


class JobDetailSerializer(JobSerializer):
    lines = LineSerializer(many=True, read_only=True)

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "lines"]
        read_only_fields = fields
