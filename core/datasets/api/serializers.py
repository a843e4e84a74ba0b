"""Datasets as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.datasets.engine.csv.detection import DELIMITERS, ENCODINGS
from core.datasets.engine.csv.values import TYPES
from core.datasets.engine.formats.leaving import WRITE
from core.datasets.models import Comparison, Dataset, DatasetVersion, DictionaryRevision, Level, Sensitivity
from core.datasets.services import counts
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
    label_en = serializers.CharField(help_text="Where `label` is in another language.")
    description = serializers.CharField()
    codes = serializers.DictField(child=serializers.CharField())
    missing_codes = serializers.ListField(child=serializers.CharField(), help_text="Codes of a missing value.")
    sensitivity = serializers.ChoiceField(
        choices=Level.choices, help_text="personal and identifying columns need a permission of their own."
    )
    missing = serializers.IntegerField(
        allow_null=True,
        help_text="Rows without a value; null where few have one or few have none and you read no rows.",
    )


class VersionSerializer(serializers.ModelSerializer[DatasetVersion]):
    """One state of a dataset, for good."""

    dataset = serializers.UUIDField(source="dataset_id")
    project = serializers.SlugField(source="dataset.project.slug")
    name = serializers.SlugField(source="dataset.name")
    revision = serializers.IntegerField(help_text="Of the dictionary; 0 as it was published.")
    columns = serializers.SerializerMethodField()
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
            "revision",
            "columns",
            "provenance",
            "digest",
            "size",
            "created_by",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field(ColumnSerializer(many=True))
    def get_columns(self, version: DatasetVersion) -> Any:
        return ColumnSerializer(counts.described(self.context["request"].user, version), many=True).data


class RowsSerializer(serializers.Serializer[Any]):
    """Some rows of a version, in the order of its file."""

    columns = serializers.ListField(child=serializers.CharField())
    hidden = serializers.ListField(child=serializers.CharField(), help_text="Protected columns, not there for you.")
    rows = serializers.ListField(child=serializers.ListField())
    next = serializers.CharField(allow_null=True, help_text="Address of the rows that follow; null at the end.")


class UploadSerializer(serializers.Serializer[Any]):
    """A file with a table and what to make of it: CSV, XLSX, Parquet, SAS, SPSS, Stata. What isn't said is detected."""

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
    sheet = serializers.CharField(required=False, help_text="Of a workbook; the first one where none is named.")
    columns = serializers.JSONField(
        required=False, help_text='Names and types in the order of the file: [{"name": "age", "type": "integer"}].'
    )

    def validate_columns(self, value: Any) -> Any:
        good = isinstance(value, list) and all(
            isinstance(column, dict)
            and isinstance(column.get("name"), str)
            and isinstance(column.get("type"), str)
            and column["type"] in {*TYPES, "time"}
            for column in value
        )
        if not good:
            raise serializers.ValidationError('A list of {"name": "…", "type": "…"}.', code="columns")
        return value


class UploadedSerializer(serializers.Serializer[Any]):
    """What became of an upload: a version at once, or a job that makes it."""

    version = VersionSerializer(allow_null=True)
    job = serializers.UUIDField(allow_null=True, help_text="Look at /api/v1/jobs/{id}/ where the file is large.")


class DictionarySerializer(serializers.Serializer[Any]):
    """What is said of the columns, by a revision."""

    revision = serializers.IntegerField()
    columns = ColumnSerializer(many=True)


class ColumnEditSerializer(serializers.Serializer[Any]):
    """Some fields of one column; those that aren't given stay."""

    name = serializers.CharField(max_length=200, trim_whitespace=False)
    label = serializers.CharField(required=False, allow_blank=True)  # type: ignore[assignment]
    label_en = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    unit = serializers.CharField(required=False, allow_blank=True)
    codes = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    missing_codes = serializers.ListField(child=serializers.CharField(), required=False)
    sensitivity = serializers.ChoiceField(choices=Level.choices, required=False, allow_blank=True)


class RevisedSerializer(serializers.Serializer[Any]):
    """Why the dictionary is changed, and from which revision on."""

    revision = serializers.IntegerField(min_value=0, help_text="The one you read; 409 where there is a newer one.")
    reason = serializers.CharField(max_length=500)


class DictionaryEditSerializer(RevisedSerializer):
    columns = ColumnEditSerializer(many=True)
    everywhere = serializers.BooleanField(
        default=False, help_text="Change sensitivities in the other versions of the dataset too."
    )


class DictionaryFileSerializer(RevisedSerializer):
    file = serializers.FileField(help_text="CSV or Table Schema (JSON).")


class DictionaryRestoreSerializer(RevisedSerializer):
    restore = serializers.IntegerField(min_value=0, help_text="The revision that is to count again.")


class RevisionSerializer(serializers.ModelSerializer[DictionaryRevision]):
    """A revision of a dictionary: who, when, why."""

    class Meta:
        model = DictionaryRevision
        fields = ("number", "act", "restored", "reason", "created_by", "created_at")
        read_only_fields = fields


class ProfileColumnSerializer(serializers.Serializer[Any]):
    """What was counted of one column. Where a count is null it is hidden."""

    name = serializers.CharField()
    type = serializers.CharField()
    known = serializers.IntegerField(required=False, allow_null=True)
    missing = serializers.IntegerField(required=False, allow_null=True)
    distinct = serializers.IntegerField(required=False, allow_null=True)
    about = serializers.BooleanField(required=False, help_text="Whether `distinct` is only about right.")
    warnings = serializers.ListField(child=serializers.CharField())
    mean = serializers.FloatField(required=False)
    ends = serializers.ListField(
        child=serializers.FloatField(), required=False, help_text="Seconds since 1970 for dates."
    )
    quantiles = serializers.DictField(child=serializers.FloatField(), required=False)
    histogram = serializers.ListField(child=serializers.DictField(), required=False)
    values = serializers.ListField(child=serializers.DictField(), required=False)


class ProfileSerializer(serializers.Serializer[Any]):
    """The profile of a version, small counts hidden, without protected columns."""

    columns = ProfileColumnSerializer(many=True)


class JobSerializer(serializers.Serializer[Any]):
    """Long work that was asked for."""

    job = serializers.UUIDField(help_text="Look at /api/v1/jobs/{id}/.")


class FormSerializer(serializers.Serializer[Any]):
    """A format that a job writes."""

    form = serializers.ChoiceField(choices=list(WRITE))


class CompareSerializer(serializers.Serializer[Any]):
    """Two versions of one dataset, and the columns that tell its rows apart."""

    before = serializers.UUIDField()
    after = serializers.UUIDField()
    key = serializers.ListField(child=serializers.CharField(trim_whitespace=False), min_length=1, max_length=5)


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    """A comparison; its counts come once `computed_at` says when they were counted."""

    job = serializers.UUIDField(source="job_id", allow_null=True)

    class Meta:
        model = Comparison
        fields = ("id", "before", "after", "key", "job", "computed_at", "created_by", "created_at")
        read_only_fields = fields


class DifferenceSerializer(serializers.Serializer[Any]):
    """What differs. A count that is null is hidden."""

    columns = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))
    rows = serializers.DictField()
    hidden = serializers.ListField(child=serializers.CharField(), help_text="Protected columns, not there for you.")


class ThingSerializer(serializers.Serializer[Any]):
    """A version, or what it was made from, or what reads it. What you may not see is ``unseen``."""

    key = serializers.CharField()
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()
    stale = serializers.BooleanField()
    here = serializers.BooleanField(help_text="Whether it is a version of the dataset that was asked for.")


class LineageSerializer(serializers.Serializer[Any]):
    """What a dataset came from and what came of it."""

    things = ThingSerializer(many=True)
    edges = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    whole = serializers.BooleanField(help_text="False where only what is nearest is given.")


class ChangeSerializer(serializers.Serializer[Any]):
    """One field of one column that two revisions say differently."""

    column = serializers.CharField()
    field = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()
