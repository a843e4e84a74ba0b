"""Access reviews as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.reviews import queries
from core.reviews.models import Campaign, Line


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    organisation = serializers.SlugRelatedField[Campaign](slug_field="slug", read_only=True)
    project = serializers.SlugRelatedField[Campaign](
        slug_field="slug", read_only=True, allow_null=True, help_text="The one project it is about; null: all."
    )
    opened_by = serializers.CharField(read_only=True)
    total = serializers.IntegerField(read_only=True, help_text="Accesses of which the caller may know.")
    done = serializers.IntegerField(read_only=True, help_text="Those of them that are dealt with.")

    class Meta:
        model = Campaign
        fields = [
            "id",
            "organisation",
            "project",
            "name",
            "due_on",
            "opened_by",
            "created_at",
            "closed_at",
            "total",
            "done",
        ]
        read_only_fields = fields


class CampaignDetailSerializer(CampaignSerializer):
    evidence = serializers.SerializerMethodField(
        help_text="For who oversees it, once it is made: what proves it, and the audit trail's head when it was closed."
    )
    evidence_job = serializers.UUIDField(
        source="evidence_job_id", read_only=True, allow_null=True, help_text="The job that makes it, once it is closed."
    )

    class Meta(CampaignSerializer.Meta):
        fields = [*CampaignSerializer.Meta.fields, "evidence", "evidence_job"]
        read_only_fields = fields

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {
                "sha256": {"type": "string"},
                "sequence": {"type": "integer"},
                "hash": {"type": "string"},
            },
        }
    )
    def get_evidence(self, campaign: Campaign) -> dict[str, Any] | None:
        if campaign.evidence_id is None or not queries.oversees(self.context["request"].user, campaign):
            return None
        return {"sha256": campaign.evidence_sha256, "sequence": campaign.head_sequence, "hash": campaign.head}


class NewCampaignSerializer(serializers.Serializer[None]):
    organisation = serializers.SlugField(required=False, help_text="Reviewed with all its projects.")
    project = serializers.SlugField(required=False, help_text="Or one project alone: say one of the two.")
    name = serializers.CharField(max_length=120)
    due_on = serializers.DateField()


class RoleSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    built_in = serializers.BooleanField()


class LineSerializer(serializers.ModelSerializer[Line]):
    campaign = serializers.UUIDField(source="campaign_id", read_only=True)
    membership = serializers.UUIDField(source="membership_id", read_only=True)
    person = serializers.UUIDField(source="person_id", read_only=True)
    project = serializers.SlugRelatedField[Line](
        slug_field="slug", read_only=True, allow_null=True, help_text="Where it is; null: in the organisation itself."
    )
    roles = RoleSerializer(many=True, read_only=True)
    sites = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="None named: all of them.")
    reviewer = serializers.UUIDField(source="reviewer_id", read_only=True, allow_null=True)
    decided_by = serializers.UUIDField(source="decided_by_id", read_only=True, allow_null=True)
    own = serializers.BooleanField(source="is_own", read_only=True, help_text="Judged by whose access it is, alone.")

    class Meta:
        model = Line
        fields = [
            "id",
            "campaign",
            "membership",
            "project",
            "person",
            "name",
            "email",
            "roles",
            "sites",
            "ends_at",
            "last_sign_in",
            "origin",
            "second_factor",
            "reviewer",
            "own",
            "decision",
            "decided_by",
            "decided_at",
            "reason",
            "created_at",
        ]
        read_only_fields = fields


class VerdictSerializer(serializers.Serializer[None]):
    line = serializers.UUIDField()
    decision = serializers.ChoiceField(choices=["confirmed", "revoked"])
    reason = serializers.CharField(
        max_length=2000, required=False, default="", allow_blank=True, help_text="Required where it is revoked."
    )


class VerdictsSerializer(serializers.Serializer[None]):
    verdicts = serializers.ListField(child=VerdictSerializer(), min_length=1, max_length=1000)
