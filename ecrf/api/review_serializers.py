"""Queries, verification and quality rules, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.files import taking
from core.rest.fields import ProjectField
from ecrf import rights
from ecrf.engine.queries import ACTS
from ecrf.models import (
    QualityExclusion,
    QualityResult,
    QualityRule,
    QualityRuleVersion,
    QualityRun,
    Query,
    QueryMessage,
    Verification,
    VerificationPlan,
)


class QuerySerializer(serializers.ModelSerializer[Query]):
    """Where a query is and how far, without a word of it."""

    subject = serializers.CharField(source="entry.subject.number", read_only=True)
    site = serializers.CharField(source="entry.subject.site.code", read_only=True)
    form = serializers.CharField(source="entry.form.key", read_only=True)
    opened_by = serializers.StringRelatedField[Query](allow_null=True)
    assigned_to = serializers.StringRelatedField[Query](allow_null=True)
    age = serializers.IntegerField(read_only=True, help_text="Days since it was opened, until it was closed.")

    class Meta:
        model = Query
        fields = [
            "id", "entry", "subject", "site", "form", "page", "item", "row", "kind", "check_key", "state", "opened_by",
            "assigned_group", "assigned_to", "due_on", "age", "created_at", "changed_at", "closed_at",
        ]  # fmt: skip


class MessageSerializer(serializers.ModelSerializer[QueryMessage]):
    author = serializers.StringRelatedField[QueryMessage](allow_null=True)
    text = serializers.CharField(read_only=True)

    class Meta:
        model = QueryMessage
        fields = ["id", "author", "action", "state", "text", "corrected", "revision", "created_at"]


class QueryDetailSerializer(QuerySerializer):
    """A query with its thread and the value that stood there when it was opened."""

    value = serializers.JSONField(read_only=True)
    messages = MessageSerializer(many=True, read_only=True)

    class Meta(QuerySerializer.Meta):
        fields = [*QuerySerializer.Meta.fields, "value", "messages"]


class AssignSerializer(serializers.Serializer[None]):
    assigned_group = serializers.ChoiceField(choices=Query.Group.choices, required=False)
    assigned_to = serializers.EmailField(required=False, help_text="Address of somebody who sees the record.")
    due_on = serializers.DateField(required=False, help_text="The day until which it is to be answered.")


class NewQuerySerializer(AssignSerializer):
    entry = serializers.UUIDField(help_text="Id of the record.")
    item = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    page = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    row = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="In a repeat: medications.2"
    )
    text = serializers.CharField(max_length=4000)


class QueryActSerializer(AssignSerializer):
    act = serializers.ChoiceField(choices=list(ACTS))
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    values = serializers.DictField(required=False, help_text="A correction that is saved with an answer.")
    base_revision = serializers.IntegerField(min_value=0, required=False, help_text="On which it is saved.")
    expected = serializers.ChoiceField(
        choices=Query.State.choices, required=False, help_text="The state that was seen: 409 where it is another now."
    )


class QueryFileSerializer(serializers.Serializer[None]):
    project = ProjectField()
    file = serializers.FileField(help_text="CSV", validators=[taking.Takes(taking.Kind.TEXT)])
    dry_run = serializers.BooleanField(default=True, help_text="Read and report only.")


class QueryFileAnswerSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    opened = serializers.IntegerField(help_text="How many are open now; a job opens the others.")
    job = serializers.UUIDField(allow_null=True)


class VerificationSerializer(serializers.ModelSerializer[Verification]):
    subject = serializers.CharField(source="entry.subject.number", read_only=True)
    by = serializers.StringRelatedField[Verification]()

    class Meta:
        model = Verification
        fields = ["id", "entry", "subject", "item", "revision", "by", "created_at", "outdated_at", "withdrawn_at"]


class NewVerificationSerializer(serializers.Serializer[None]):
    entry = serializers.UUIDField()
    items = serializers.ListField(child=serializers.CharField(max_length=100), max_length=5000, required=False)
    page = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(min_value=0, help_text="The revision that was compared.")


class WithdrawSerializer(serializers.Serializer[None]):
    entry = serializers.UUIDField()
    items = serializers.ListField(child=serializers.CharField(max_length=100), min_length=1, max_length=5000)


class CountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class PlanSerializer(serializers.ModelSerializer[VerificationPlan]):
    form = serializers.SlugRelatedField[VerificationPlan](slug_field="key", read_only=True)
    subjects = serializers.ChoiceField(choices=VerificationPlan.Subjects.choices)

    class Meta:
        model = VerificationPlan
        fields = ["id", "form", "subjects", "first", "percent", "items", "seed"]
        read_only_fields = ["seed"]

    def to_representation(self, instance: VerificationPlan) -> dict[str, Any]:
        """The critical fields of the pages that the caller reads."""
        shown = super().to_representation(instance)
        may = rights.of(self.context["request"].user, instance.form)
        if not may.whole:
            definition = instance.form.published.loaded
            shown["items"] = [item for item in shown["items"] if may.knows(definition, item)]
        return shown


class NewPlanSerializer(serializers.Serializer[None]):
    form = serializers.UUIDField(help_text="Id of the form.")
    subjects = serializers.ChoiceField(choices=VerificationPlan.Subjects.choices)
    first = serializers.IntegerField(min_value=1, max_value=100_000, default=3)
    percent = serializers.IntegerField(min_value=1, max_value=100, default=20)
    items = serializers.ListField(child=serializers.CharField(max_length=100), max_length=5000, default=list)
    draw_again = serializers.BooleanField(default=False)


class RuleSerializer(serializers.ModelSerializer[QualityRule]):
    form = serializers.SlugRelatedField[QualityRule](slug_field="key", read_only=True)
    version = serializers.IntegerField(source="current.number", read_only=True)
    text = serializers.CharField(source="current.text", read_only=True)
    item = serializers.CharField(source="current.item", read_only=True)
    message = serializers.CharField(source="current.message", read_only=True)
    severity = serializers.CharField(source="current.severity", read_only=True)
    at_save = serializers.BooleanField(source="current.at_save", read_only=True)

    class Meta:
        model = QualityRule
        fields = ["id", "form", "name", "version", "text", "item", "message", "severity", "at_save", "retired_at"]


class ChangedRuleSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=150, required=False)
    text = serializers.CharField(max_length=5000, required=False, help_text="[weight] > 200 and [sex] = '1'")
    message = serializers.CharField(max_length=500, required=False)
    item = serializers.CharField(max_length=100, required=False, allow_blank=True)
    severity = serializers.ChoiceField(choices=QualityRuleVersion.Severity.choices, required=False)
    at_save = serializers.BooleanField(required=False)


class NewRuleSerializer(ChangedRuleSerializer):
    form = serializers.UUIDField(help_text="Id of the form.")


class RunSerializer(serializers.ModelSerializer[QualityRun]):
    form = serializers.SlugRelatedField[QualityRun](slug_field="key", read_only=True)
    author = serializers.StringRelatedField[QualityRun]()

    class Meta:
        model = QualityRun
        fields = [
            "id", "form", "author", "rules", "method", "factor", "job", "entries", "counts", "aside", "created_at",
            "finished_at",
        ]  # fmt: skip


class NewRunSerializer(serializers.Serializer[None]):
    form = serializers.UUIDField(help_text="Id of the form.")
    rules = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, help_text="All where none is named."
    )
    method = serializers.ChoiceField(choices=["iqr", "mad", "sd"], default="iqr", help_text="What an outlier is.")
    factor = serializers.FloatField(min_value=0.1, max_value=100, required=False, allow_null=True, default=None)


class ResultSerializer(serializers.ModelSerializer[QualityResult]):
    subject = serializers.CharField(source="entry.subject.number", read_only=True)

    class Meta:
        model = QualityResult
        fields = ["id", "run", "rule", "entry", "subject", "page", "item", "row", "code", "params", "aside"]


class ResultQueriesSerializer(serializers.Serializer[None]):
    results = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class ResultQueriesAnswerSerializer(serializers.Serializer[Any]):
    opened = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Those that had a query or were put aside.")


class CheckSerializer(serializers.Serializer[None]):
    entry = serializers.UUIDField()


class RuleFindingSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField(source="found.rule")
    page = serializers.CharField(source="found.page")
    item = serializers.CharField(source="found.item")
    row = serializers.CharField(source="found.row")
    code = serializers.CharField(source="found.code")
    params = serializers.JSONField(source="found.params")
    aside = serializers.SerializerMethodField()

    def get_aside(self, finding: Any) -> bool:
        return finding.exclusion is not None


class ExclusionSerializer(serializers.ModelSerializer[QualityExclusion]):
    subject = serializers.CharField(source="entry.subject.number", read_only=True)
    by = serializers.StringRelatedField[QualityExclusion]()
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = QualityExclusion
        fields = ["id", "entry", "subject", "rule", "item", "row", "reason", "by", "created_at", "withdrawn_at"]


class NewExclusionSerializer(serializers.Serializer[None]):
    entry = serializers.UUIDField()
    rule = serializers.CharField(max_length=40)
    item = serializers.CharField(max_length=100)
    row = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=1000)
