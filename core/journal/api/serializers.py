"""Events as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from core.audit.models import Event
from core.journal.telling import Teller
from core.rest.fields import ProjectField


class EventSerializer(serializers.ModelSerializer[Event]):
    actor = serializers.SerializerMethodField(help_text="The person's name, in words where there is none.")
    sentence = serializers.SerializerMethodField(help_text="Who did what to which thing, in your language.")
    sealed = serializers.SerializerMethodField(help_text="Whether the event has its place in the chain.")

    class Meta:
        model = Event
        fields = [
            "id",
            "at",
            "actor_id",
            "actor",
            "action",
            "sentence",
            "outcome",
            "project_id",
            "object_type",
            "object_id",
            "reason",
            "details",
            "channel",
            "request_id",
            "address",
            "sealed",
        ]
        read_only_fields = fields

    @property
    def teller(self) -> Teller:
        teller: Teller = self.context["teller"]
        return teller

    def get_actor(self, event: Event) -> str:
        return self.teller.who(event)

    def get_sentence(self, event: Event) -> str:
        return self.teller.sentence(event)

    def get_sealed(self, event: Event) -> bool:
        return self.teller.is_sealed(event)


class VerificationSerializer(serializers.Serializer[None]):
    project = ProjectField()
