"""Sets of worked cases and runs, as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.rest.fields import ProjectField
from prescriptions.models import CaseSet, Run
from prescriptions.services.documents import UNSURE
from prescriptions.services.evaluation import MOST_CASES


class NewSetSerializer(serializers.Serializer[None]):
    project = ProjectField(help_text="Slug of the project.")
    name = serializers.CharField(max_length=80)
    cases = serializers.ListField(
        child=serializers.JSONField(),
        max_length=MOST_CASES,
        help_text="Objects with id, type, text, expected; category, noise, condition, read, spans where there are.",
    )


class CaseSetSerializer(serializers.ModelSerializer[CaseSet]):
    project = serializers.SlugRelatedField[CaseSet](slug_field="slug", read_only=True)
    author = serializers.SlugRelatedField[CaseSet](slug_field="email", read_only=True)

    class Meta:
        model = CaseSet
        fields = ["id", "project", "name", "origin", "count", "digest", "author", "created_at"]


class NewRunSerializer(serializers.Serializer[None]):
    case_set = serializers.UUIDField()
    model = serializers.CharField(max_length=20, help_text="`grammar`, or another reader of this instance.")
    threshold = serializers.FloatField(
        default=UNSURE, min_value=0.01, max_value=1, help_text="Below it a field is to be checked."
    )


class RunSerializer(serializers.ModelSerializer[Run]):
    author = serializers.SlugRelatedField[Run](slug_field="email", read_only=True)
    case_set = serializers.UUIDField(source="case_set_id", read_only=True)

    class Meta:
        model = Run
        fields = ["id", "case_set", "number", "model", "reference", "threshold", "author", "created_at", "finished_at",
                  "seconds", "line_exact", "silent"]  # fmt: skip


class RunDetailSerializer(RunSerializer):
    report = serializers.JSONField(read_only=True, help_text="All figures; null until the run is done.")

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "report"]


class RunCaseSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    exact = serializers.BooleanField()
    silent = serializers.BooleanField(help_text="Wrong, and nothing was marked as to be checked.")
    magnitude = serializers.IntegerField(help_text="10 or 1000 where a dose or strength is as much off, else 0.")
    wrong = serializers.ListField(child=serializers.CharField())
    outcome = serializers.JSONField(help_text="The text, and for each line what was expected and read.")


class StartedSerializer(RunSerializer):
    job = serializers.UUIDField(help_text="Follow it below /api/v1/jobs/.")

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "job"]
