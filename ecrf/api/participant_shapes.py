"""Questionnaires, invitations and contacts, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.rest.fields import ProjectField
from ecrf.models import Invitation, Participant, Proof, Questionnaire, Starts
from ecrf.services.participants.setting import FIELDS


class SettingsSerializer(serializers.Serializer[None]):
    """How a questionnaire is asked."""

    name = serializers.CharField(max_length=150)
    event = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="Where the form has events."
    )
    pages = serializers.ListField(child=serializers.CharField(max_length=100), max_length=200)
    texts = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(max_length=3000)),
        required=False,
        help_text="`title`, `instructions`, `thanks` and `mail`, each by language.",
    )
    starts = serializers.ChoiceField(choices=Starts.choices, required=False)
    date_event = serializers.CharField(max_length=100, required=False, allow_blank=True)
    date_item = serializers.CharField(max_length=100, required=False, allow_blank=True)
    starts_after = serializers.IntegerField(min_value=0, max_value=3650, required=False, help_text="Days.")
    open_days = serializers.IntegerField(min_value=1, max_value=3650, required=False)
    reminders = serializers.IntegerField(min_value=0, max_value=10, required=False)
    remind_days = serializers.IntegerField(min_value=1, max_value=90, required=False)
    automatic = serializers.BooleanField(required=False)
    revisable = serializers.BooleanField(required=False)
    by_question = serializers.BooleanField(required=False)
    may_decline = serializers.BooleanField(required=False)
    keep_copy = serializers.BooleanField(required=False)
    shows_number = serializers.BooleanField(required=False)
    proof = serializers.ChoiceField(choices=Proof.choices, required=False)
    study_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    sender = serializers.CharField(max_length=100, required=False, allow_blank=True)


class NewQuestionnaireSerializer(SettingsSerializer):
    project = ProjectField()
    form = serializers.SlugField(help_text="Key of a published form.")


class QuestionnaireSerializer(serializers.ModelSerializer[Questionnaire]):
    project = serializers.SlugRelatedField[Questionnaire](source="form.project", slug_field="slug", read_only=True)
    form = serializers.SlugRelatedField[Questionnaire](slug_field="key", read_only=True)
    is_open_to_anybody = serializers.BooleanField(read_only=True)

    class Meta:
        model = Questionnaire
        fields = ["id", "project", "form", *FIELDS, "is_open_to_anybody", "closed_at", "created_at"]


STATES = ("planned", "invited", "opened", "begun", "answered", "expired", "revoked")


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    subject = serializers.SlugRelatedField[Invitation](slug_field="number", read_only=True)
    subject_id = serializers.UUIDField(read_only=True)
    state = serializers.ChoiceField(choices=STATES, read_only=True)

    class Meta:
        model = Invitation
        fields = [
            *("id", "questionnaire", "subject", "subject_id", "state", "origin", "opens_at", "closes_at", "mail_at"),
            *("mails", "opened_at", "begun_at", "answered_at", "revoked_at", "created_at"),
        ]


class NewInvitationSerializer(serializers.Serializer[None]):
    questionnaire = serializers.UUIDField()
    subject = serializers.UUIDField()


class LinkSerializer(serializers.Serializer[None]):
    link = serializers.CharField(help_text="Told this once.")


class ParticipantSerializer(serializers.ModelSerializer[Participant]):
    subject = serializers.SlugRelatedField[Participant](slug_field="number", read_only=True)
    is_mailed = serializers.BooleanField(read_only=True)

    class Meta:
        model = Participant
        fields = ["id", "subject", "language", "is_mailed", "unsubscribed_at", "bounced_at", "created_at"]


class ContactSerializer(ParticipantSerializer):
    email = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()

    class Meta(ParticipantSerializer.Meta):
        fields = [*ParticipantSerializer.Meta.fields, "email", "phone"]

    def get_email(self, person: Participant) -> str | None:
        return opened(person.email)

    def get_phone(self, person: Participant) -> str | None:
        return opened(person.phone)


def opened(value: Any) -> str | None:
    return None if value is None else str(value)


class NewContactSerializer(serializers.Serializer[None]):
    subject = serializers.UUIDField()
    email = serializers.CharField(max_length=254, allow_blank=True, default="")
    phone = serializers.CharField(max_length=30, allow_blank=True, default="")
    language = serializers.CharField(max_length=10, default="fr")
