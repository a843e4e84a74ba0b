"""Agents, their orders and their runs as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backup.api.protocol_forms import Base64Field
from backup.engine.agent import options as table
from backup.engine.format import keyfile
from backup.models import Agent, Repository, Run, RunLine
from core.access.models import Project
from core.rest.fields import ProjectField

STATES = [(name, name) for name in ("expected", "keyless", "there", "silent", "removed")]
FIELDS: dict[type, type[serializers.Field[Any, Any, Any, Any]]] = {
    bool: serializers.BooleanField,
    int: serializers.IntegerField,
    str: serializers.CharField,
}


class OptionsSerializer(serializers.Serializer[Any]):
    """What a plan tells its agent: one field for each row of the table that the agent reads too."""

    def get_fields(self) -> dict[str, Any]:
        return {option.name: field(option) for option in table.OPTIONS}

    def to_internal_value(self, data: Any) -> Any:
        """What isn't known is refused and not passed over: it was meant to do something."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(table.BY_NAME))):
            message = serializers.ErrorDetail(str(_("There is no such option.")), "unknown")
            raise serializers.ValidationError({name: [message] for name in unknown})
        return super().to_internal_value(data)


def field(option: table.Option) -> serializers.Field[Any, Any, Any, Any]:
    words = f"{option.help} For: {', '.join(option.duties)}."
    kind = FIELDS[option.kind]
    blank: dict[str, Any] = {"allow_blank": True} if option.kind is str else {}
    if option.several:
        return serializers.ListField(child=kind(), required=False, help_text=words)
    return kind(required=False, help_text=words, **blank)


class AgentSerializer(serializers.ModelSerializer[Agent]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    state = serializers.ChoiceField(choices=STATES, read_only=True, help_text="How it stands now.")

    class Meta:
        model = Agent
        fields = [
            "id",
            "project",
            "repository",
            "name",
            "duty",
            "state",
            "host",
            "program",
            "seal_to",
            "key_id",
            "enrolled_at",
            "seen_at",
            "removed_at",
            "created_at",
        ]
        read_only_fields = fields


class NewAgentSerializer(serializers.Serializer[Agent]):
    project = ProjectField()
    repository = serializers.PrimaryKeyRelatedField(queryset=Repository.objects.none())
    name = serializers.CharField(max_length=80)
    duty = serializers.ChoiceField(choices=Agent.Duty.choices, default=Agent.Duty.SAVE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (request := self.context.get("request")) is not None:
            self.fields["repository"].queryset = Repository.objects.visible_to(request.user)  # type: ignore[attr-defined]


class ExpectedAgentSerializer(AgentSerializer):
    code = serializers.CharField(read_only=True, help_text="It enrols the agent, once, within an hour.")

    class Meta(AgentSerializer.Meta):
        fields = [*AgentSerializer.Meta.fields, "code"]
        read_only_fields = fields


class SealedKeySerializer(serializers.Serializer[Agent]):
    sealed = Base64Field(most=keyfile.LONGEST, help_text="The text of the keyfile, sealed to the machine.")
    badge = Base64Field(most=16 << 10, help_text="The badge of the key, signed by the master.")


class RunSerializer(serializers.ModelSerializer[Run]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    asked_by = serializers.SlugRelatedField[Run](
        slug_field="email", read_only=True, allow_null=True, help_text="Null where the plan's hour had come."
    )
    doing = serializers.CharField(read_only=True, allow_null=True)
    error = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "project",
            "plan",
            "agent",
            "state",
            "asked_by",
            "stop_asked_at",
            "started_at",
            "heard_at",
            "ended_at",
            "files",
            "bytes",
            "total",
            "added",
            "unread",
            "doing",
            "error",
            "silent",
            "snapshot",
            "result",
            "created_at",
        ]
        read_only_fields = fields


class RunLineSerializer(serializers.ModelSerializer[RunLine]):
    text = serializers.CharField(read_only=True)

    class Meta:
        model = RunLine
        fields = ["number", "at", "level", "text"]
        read_only_fields = fields
