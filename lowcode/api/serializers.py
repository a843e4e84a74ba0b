"""Analyses, questions and answers as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.rest.fields import ProjectField
from lowcode import queries
from lowcode.engine.chart import Chart
from lowcode.models import Analysis
from lowcode.services.results import FORMATS


@extend_schema_field(
    {
        "type": "object",
        "description": "Which rows of which dataset, grouped by what, measured how. Its JSON Schema is at "
        "/api/v1/lowcode/schema/.",
        "example": {
            "source": {"dataset": "sepsis-inclusions"},
            "where": {"match": "all", "items": [{"column": "age", "is": "at_least", "value": 18}]},
            "by": [{"column": "sex"}],
            "measures": [{"of": "rows"}, {"of": "mean", "column": "lactate"}],
        },
    }
)
class QueryField(serializers.JSONField):
    """A query; the service checks it and names every fault."""


class ChartSerializer(serializers.Serializer[None]):
    kind = serializers.ChoiceField([("", "the best"), *((chart, chart) for chart in Chart)], default="", required=False)
    measure = serializers.CharField(
        default="", required=False, allow_blank=True, max_length=60, help_text="Name of the measure drawn."
    )


class AnalysisSerializer(serializers.ModelSerializer[Analysis]):
    project = serializers.SlugRelatedField[Analysis](slug_field="slug", read_only=True)
    owner = serializers.EmailField(source="owner.email", read_only=True)
    dataset = serializers.SlugRelatedField[Analysis](slug_field="name", read_only=True)
    version = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="The version it is held to; null follows the newest."
    )

    class Meta:
        model = Analysis
        fields = ["id", "project", "name", "owner", "dataset", "version", "revision", "created_at", "updated_at"]


class AnalysisDetailSerializer(AnalysisSerializer):
    query = serializers.SerializerMethodField(help_text="Null for who may not read the data: a filter may name people.")
    chart = ChartSerializer()

    class Meta(AnalysisSerializer.Meta):
        fields = [*AnalysisSerializer.Meta.fields, "query", "chart"]

    @extend_schema_field(QueryField(allow_null=True))
    def get_query(self, analysis: Analysis) -> dict[str, Any] | None:
        readable = queries.may_read(self.context["request"].user, analysis.project)
        return analysis.query if readable else None


class WrittenAnalysisSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=120)
    query = QueryField()
    chart = ChartSerializer(required=False, default=dict)


class NewAnalysisSerializer(WrittenAnalysisSerializer):
    project = ProjectField()


class SavedAnalysisSerializer(WrittenAnalysisSerializer):
    revision = serializers.IntegerField(min_value=1, help_text="The revision that was read; another one is refused.")


class QuestionSerializer(serializers.Serializer[None]):
    project = ProjectField()
    query = QueryField()
    chart = ChartSerializer(required=False, default=dict)


class OutputSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    role = serializers.ChoiceField(["key", "measure"])
    kind = serializers.CharField()
    unit = serializers.CharField()


class AnswerChartSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())
    measure = serializers.CharField()
    specification = serializers.JSONField(allow_null=True, help_text="Vega-Lite 6, data included.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What one must know to read it.")


class CodeSerializer(serializers.Serializer[Any]):
    sql = serializers.CharField(help_text="For DuckDB, where the dataset is the table `data`.")
    postgresql = serializers.CharField()
    python = serializers.CharField(help_text="A script for Ibis.")


class SourceSerializer(serializers.Serializer[Any]):
    dataset = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer to a query, in the caller's language."""

    source = SourceSerializer()  # type: ignore[assignment]  # a part of the answer, not where a field comes from
    query = QueryField(allow_null=True, help_text="In its canonical form.")
    columns = OutputSerializer(many=True)
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField(allow_null=True)),
        help_text='Values. {"special": "other"} are the values outside the most frequent, {"special": "masked"} a '
        "value hidden because few people stand behind it.",
    )
    texts = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), help_text="The same cells as people read them."
    )
    truncated = serializers.BooleanField(help_text="There are more rows than the limit.")
    masked = serializers.IntegerField(help_text="How many cells are hidden.")
    masked_below = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(help_text="How long the computation took.")
    cached = serializers.BooleanField()
    chart = AnswerChartSerializer()
    code = CodeSerializer(allow_null=True)
    explanation = serializers.ListField(child=serializers.CharField())


class ExportSerializer(serializers.Serializer[None]):
    format = serializers.ChoiceField(FORMATS)


class PublicationSerializer(serializers.Serializer[None]):
    name = serializers.SlugField(max_length=60, help_text="Of a new dataset, or of one that gets a new version.")
    title = serializers.CharField(max_length=150)
    hide_small_counts = serializers.BooleanField(default=True)


class PublishedSerializer(serializers.Serializer[Any]):
    dataset = serializers.CharField(source="dataset.name")
    version = serializers.IntegerField(source="number")
