"""Datasets as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.datasets.engine.csv.detection import DELIMITERS, ENCODINGS
from core.datasets.engine.csv.values import TYPES
from core.datasets.models import Dataset, DatasetVersion, Sensitivity
from core.rest.fields import ProjectField


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset and what its newest version says."""

    project = serializers.SlugRelatedField(slug_field="slug", read_only=True)  # type: ignore[var-annotated]
    number = serializers.IntegerField(help_text="Of the newest version.")
    row_count = serializers.IntegerField()
    sensitivity = serializers.ChoiceField(choices=Sensitivity.choices)
    published_at = serializers.DateTimeField()

    class Meta:
        model = Dataset
        fields = (
            "id",
            "project",
            "name",
            "title",
            "number",
            "row_count",
            "sensitivity",
            "published_at",
            "stale_since",
            "created_at",
        )
        read_only_fields = fields


class ColumnSerializer(serializers.Serializer[Any]):
    """One line of the dictionary of variables."""

    name = serializers.CharField()
    type = serializers.CharField(help_text="boolean, integer, number, date, datetime, time, text, or Arrow's own name.")
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField()
    codes = serializers.DictField(child=serializers.CharField(), allow_null=True)
    sensitivity = serializers.CharField()
    missing = serializers.IntegerField(help_text="Rows without a value.")


class VersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    """One state of a dataset, for good."""

    dataset = serializers.UUIDField(source="dataset_id")
    project = serializers.SlugField(source="dataset.project.slug")
    name = serializers.SlugField(source="dataset.name")
    columns = ColumnSerializer(many=True)
    provenance = serializers.JSONField(help_text="What it was made from, by what and when.")
    digest = serializers.CharField(source="file.digest", help_text="Equal for equal files of one project.")
    size = serializers.IntegerField(source="file.size", help_text="Bytes of the Parquet file.")

    class Meta:
        model = DatasetVersion
        fields = (
            "id",
            "dataset",
            "project",
            "name",
            "number",
            "row_count",
            "sensitivity",
            "columns",
            "provenance",
            "digest",
            "size",
            "created_by",
            "created_at",
        )
        read_only_fields = fields


class RowsSerializer(serializers.Serializer[Any]):
    """Some rows of a version, in the order of its file."""

    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField())
    next = serializers.CharField(allow_null=True, help_text="Address of the rows that follow; null at the end.")


class UploadSerializer(serializers.Serializer[Any]):
    """A CSV file and what to make of it. What isn't said of the file is detected."""

    project = ProjectField()
    file = serializers.FileField()
    name = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=150)
    sensitivity = serializers.ChoiceField(choices=Sensitivity.choices, default=Sensitivity.HEALTH)
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False)
    delimiter = serializers.ChoiceField(choices=DELIMITERS, required=False)
    decimal = serializers.ChoiceField(choices=(".", ","), required=False)
    day_first = serializers.BooleanField(required=False, allow_null=True, default=None)
    header = serializers.BooleanField(required=False, allow_null=True, default=None)
    columns = serializers.JSONField(
        required=False, help_text='Names and types in the order of the file: [{"name": "age", "type": "integer"}].'
    )

    def validate_columns(self, value: Any) -> Any:
        good = isinstance(value, list) and all(
            isinstance(column, dict)
            and isinstance(column.get("name"), str)
            and isinstance(column.get("type"), str)
            and column["type"] in TYPES
            for column in value
        )
        if not good:
            raise serializers.ValidationError('A list of {"name": "…", "type": "…"}.', code="columns")
        return value


class UploadedSerializer(serializers.Serializer[Any]):
    """What became of an upload: a version at once, or a job that makes it."""

    version = VersionSerializer(allow_null=True)
    job = serializers.UUIDField(allow_null=True, help_text="Look at /api/v1/jobs/{id}/ where the file is large.")
