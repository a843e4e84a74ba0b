"""Drafts of forms, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.rest.fields import ProjectField
from ecrf.models import Draft, DraftReview


class DraftSerializer(serializers.ModelSerializer[Draft]):
    """A draft, without what it asks."""

    project = serializers.SlugRelatedField[Draft](slug_field="slug", read_only=True)
    form = serializers.SlugRelatedField[Draft](
        slug_field="key", read_only=True, allow_null=True, help_text="Of the next version."
    )
    updated_by = serializers.StringRelatedField[Draft](allow_null=True)
    sound = serializers.BooleanField(source="is_sound", read_only=True, help_text="Whether it could be published.")

    class Meta:
        model = Draft
        fields = [
            "id",
            "project",
            "form",
            "key",
            "title",
            "source",
            "revision",
            "sound",
            "updated_by",
            "created_at",
            "updated_at",
        ]


class DraftDetailSerializer(DraftSerializer):
    digest = serializers.CharField(read_only=True, help_text="Names exactly this state, for an approval.")

    class Meta(DraftSerializer.Meta):
        fields = [*DraftSerializer.Meta.fields, "digest", "definition"]


class NewDraftSerializer(serializers.Serializer[None]):
    project = ProjectField()
    form = serializers.SlugField(required=False, help_text="Key of a published form: its next version.")
    title = serializers.CharField(max_length=200, required=False, help_text="Of a new form.")
    languages = serializers.ListField(child=serializers.CharField(max_length=12), required=False, max_length=20)
    template = serializers.SlugField(default="empty", help_text="A template of the library, for a new form.")


class DraftChangesSerializer(serializers.Serializer[None]):
    base_revision = serializers.IntegerField(min_value=1, help_text="The revision that was read.")
    definition = serializers.DictField(help_text="The whole definition, finished or not.")


class DraftProblemSerializer(serializers.Serializer[Any]):
    place = serializers.CharField(help_text="A path in the definition.")
    code = serializers.CharField()
    message = serializers.CharField()


class DraftDifferenceSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    key = serializers.CharField()
    detail = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class DraftImpactSerializer(serializers.Serializer[Any]):
    changes = DraftDifferenceSerializer(many=True)
    counts = serializers.DictField(allow_null=True, help_text="Records by field; null where a job has to count them.")


class ApprovalSerializer(serializers.Serializer[None]):
    digest = serializers.CharField(max_length=64, help_text="Of the state that was read.")
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ReviewSerializer(serializers.ModelSerializer[DraftReview]):
    by = serializers.StringRelatedField[DraftReview]()

    class Meta:
        model = DraftReview
        fields = ["id", "act", "by", "hash", "note", "created_at"]
