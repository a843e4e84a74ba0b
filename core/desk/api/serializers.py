"""Settings and views of lists as the API shows them."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from core.access.models import Project
from core.desk.models import Settings, View


class SettingsSerializer(serializers.ModelSerializer[Settings]):
    start_project = serializers.SlugRelatedField[Project](
        slug_field="slug", queryset=Project.objects.none(), allow_null=True, required=False
    )

    class Meta:
        model = Settings
        fields = ["theme", "density", "start", "start_project", "less_motion", "shortcuts", "tours_seen"]
        extra_kwargs = {"tours_seen": {"help_text": "Apps whose guided tour isn't offered any more: ecrf, portal"}}

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        fields = super().get_fields()
        if request := self.context.get("request"):
            fields["start_project"].queryset = Project.objects.visible_to(request.user)  # type: ignore[attr-defined]
        return fields


class ViewSerializer(serializers.ModelSerializer[View]):
    project = serializers.SlugRelatedField[Project](
        slug_field="slug", queryset=Project.objects.none(), allow_null=True, required=False
    )
    owner = serializers.SlugRelatedField[View](source="user", slug_field="email", read_only=True)
    query = serializers.CharField(help_text="As in the address of the list: q=word&state=failed&sort=-created_at")
    first = serializers.BooleanField(required=False, help_text="Whether the list opens with it, for you.")

    class Meta:
        model = View
        fields = ["id", "table", "project", "name", "query", "shared", "owner", "first", "created_at"]
        extra_kwargs = {"table": {"help_text": "Page and list: jobs:list jobs"}}
        validators: ClassVar[list[Any]] = []

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        fields = super().get_fields()
        if request := self.context.get("request"):
            fields["project"].queryset = Project.objects.visible_to(request.user)  # type: ignore[attr-defined]
        return fields
