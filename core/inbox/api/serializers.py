"""Notices as the API shows them: told in the caller's language, with a link only where he may go."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.inbox.telling import Teller
from core.notices import choices
from core.notices.models import Notice, Rhythm


class NoticeListSerializer(serializers.ListSerializer[Any]):
    def to_representation(self, data: Any) -> Any:
        """Reads what the whole page needs at once."""
        notices = list(data)
        self.child.teller = Teller(self.context["request"].user)  # type: ignore[union-attr]
        self.child.teller.learn(notices)  # type: ignore[union-attr]
        return super().to_representation(notices)


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    teller: Teller | None = None
    text = serializers.SerializerMethodField(help_text="What happened, in your language.")
    project = serializers.SerializerMethodField(help_text="The slug of its project, while you are a member of it.")
    url = serializers.SerializerMethodField(help_text="The page it leads to, while you may open it.")

    class Meta:
        model = Notice
        list_serializer_class = NoticeListSerializer
        fields = ["id", "kind", "text", "details", "project", "url", "urgent", "created_at", "read_at"]
        read_only_fields = fields

    def teller_of(self, notice: Notice) -> Teller:
        if self.teller is None:
            self.teller = Teller(self.context["request"].user)
            self.teller.learn([notice])
        return self.teller

    def get_text(self, notice: Notice) -> str:
        return self.teller_of(notice).told(notice).text

    def get_project(self, notice: Notice) -> str | None:
        project = self.teller_of(notice).project(notice)
        return project.slug if project else None

    def get_url(self, notice: Notice) -> str:
        return self.teller_of(notice).url(notice)


class MarkedSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many were marked.")


class ChoicesSerializer(serializers.Serializer[Any]):
    """How you wish to be told. What is left out of a change stays as it is."""

    every = serializers.ChoiceField(choices=Rhythm.Every.choices, required=False)
    hour = serializers.IntegerField(min_value=0, max_value=23, required=False)
    weekday = serializers.IntegerField(min_value=0, max_value=6, required=False, help_text="0 is Monday.")
    kinds = serializers.DictField(
        child=serializers.ListField(child=serializers.ChoiceField(choices=choices.WAYS)),
        required=False,
        help_text="For each kind of notice, the ways by which you are told of it.",
    )
