"""Notebooks and their runs as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import serializers

from core.datasets.models import Dataset
from core.rest.fields import ProjectField
from datahub.models import Notebook, NotebookRun

if TYPE_CHECKING:
    from core.access.models import Project
    from core.accounts.models import User


class NotebookSerializer(serializers.ModelSerializer[Notebook]):
    project = serializers.SlugRelatedField[Notebook](slug_field="slug", read_only=True)
    owner = serializers.EmailField(source="owner.email", read_only=True)
    datasets = serializers.SlugRelatedField[Notebook](slug_field="name", many=True, read_only=True)

    class Meta:
        model = Notebook
        fields = ["id", "project", "title", "owner", "datasets", "revision", "created_at", "updated_at"]


class NotebookDetailSerializer(NotebookSerializer):
    cells = serializers.ListField(child=serializers.CharField(allow_blank=True))

    class Meta(NotebookSerializer.Meta):
        fields = [*NotebookSerializer.Meta.fields, "cells"]


class WrittenNotebookSerializer(serializers.Serializer[None]):
    title = serializers.CharField(max_length=120)
    cells = serializers.ListField(child=serializers.CharField(allow_blank=True, trim_whitespace=False))
    datasets = serializers.ListField(child=serializers.SlugField(), required=False, default=list)


class NewNotebookSerializer(WrittenNotebookSerializer):
    project = ProjectField()


class SavedNotebookSerializer(WrittenNotebookSerializer):
    revision = serializers.IntegerField(min_value=1, help_text="The revision that was read; another one is refused.")


class RunRequestSerializer(serializers.Serializer[None]):
    cells = serializers.IntegerField(min_value=1, required=False, help_text="How many cells, from the first; all.")


CELL_STATES = ("ok", "error", "timeout")


class CellOutputSerializer(serializers.Serializer[None]):
    kind = serializers.ChoiceField(["text", "warning", "error", "picture", "table"])
    text = serializers.CharField(required=False)
    png = serializers.CharField(required=False, help_text="In base64.")
    columns = serializers.ListField(child=serializers.CharField(), required=False)
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), required=False)
    row_count = serializers.IntegerField(required=False)


class CellResultSerializer(serializers.Serializer[None]):
    state = serializers.ChoiceField(CELL_STATES)
    seconds = serializers.FloatField()
    outputs = CellOutputSerializer(many=True)


class RunSerializer(serializers.ModelSerializer[NotebookRun]):
    notebook = serializers.UUIDField(source="notebook_id", read_only=True)
    job = serializers.UUIDField(source="job_id", read_only=True)
    state = serializers.CharField(source="job.state", read_only=True)
    error = serializers.CharField(source="job.error", read_only=True)
    results = CellResultSerializer(many=True, read_only=True)
    closed = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Protected columns that the run read and you may not: its results are left out.",
    )

    class Meta:
        model = NotebookRun
        fields = ["id", "notebook", "job", "state", "error", "versions", "results", "closed", "created_at"]
        read_only_fields = ["versions"]


def chosen(project: Project, names: list[str], actor: User) -> list[Dataset]:
    """Datasets of a project by name, among those the actor may see. Raises ValidationError naming the unknown ones."""
    found = {row.name: row for row in Dataset.objects.visible_to(actor).filter(project=project, name__in=names)}
    if unknown := sorted(set(names) - found.keys()):
        raise serializers.ValidationError({"datasets": [f"There is no dataset {name!r} here." for name in unknown]})
    return list(found.values())
