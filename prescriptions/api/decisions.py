"""Comparisons and decisions, as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from prescriptions.models import Reconciliation
from prescriptions.services.reconciliations import LONGEST


class PairSerializer(serializers.Serializer[None]):
    before = serializers.UUIDField(help_text="The first prescription: what was taken.")
    after = serializers.UUIDField(help_text="The second one, of the same project: what is asked now.")


class DecisionSerializer(serializers.Serializer[None]):
    decision = serializers.ChoiceField(choices=Reconciliation.Decision.choices)
    comment = serializers.CharField(max_length=LONGEST, allow_blank=True, default="")


class KeepSerializer(PairSerializer):
    seen = serializers.CharField(max_length=32, help_text="`seen` of the comparison that was decided on.")
    decisions = DecisionSerializer(many=True, help_text="One for each change, in their order.")
    note = serializers.CharField(max_length=4 * LONGEST, allow_blank=True, default="")


class ComparisonSerializer(serializers.Serializer[None]):
    seen = serializers.CharField(help_text="Names this comparison: give it back with the decisions.")
    changes = serializers.JSONField(help_text="kind (stopped, switched, changed, added, same), name, before, after…")
    duplicates = serializers.JSONField(help_text="Lines of the second one with one substance, or of one class.")


class ReconciliationSerializer(serializers.ModelSerializer[Reconciliation]):
    project = serializers.SlugRelatedField[Reconciliation](slug_field="slug", read_only=True)
    author = serializers.SlugRelatedField[Reconciliation](slug_field="email", read_only=True)

    class Meta:
        model = Reconciliation
        fields = ["id", "project", "number", "author", "before", "after", "lines", "created_at"]


class ReconciliationDetailSerializer(ReconciliationSerializer):
    content = serializers.SerializerMethodField()

    class Meta(ReconciliationSerializer.Meta):
        fields = [*ReconciliationSerializer.Meta.fields, "content"]

    @extend_schema_field(serializers.JSONField(help_text="changes, duplicates, decisions, note: as they were kept."))
    def get_content(self, kept: Reconciliation) -> dict[str, Any]:
        return dict(kept.content)
