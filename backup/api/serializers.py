"""Backups as the API shows and takes them."""

from __future__ import annotations

import base64
from dataclasses import fields
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backup.api.agent_serializers import OptionsSerializer, RunSerializer
from backup.engine.format.keyfile import LONGEST
from backup.engine.founding import LARGEST_CONFIG, Founding
from backup.models import Agent, Plan, Repository, Snapshot
from backup.services.options import Orders
from backup.services.places import KINDS, Choice, about
from core.access.models import Project
from core.jobs.api.serializers import JobSerializer


class PlaceSerializer(serializers.Serializer[Choice]):
    """Where a repository lies, or could."""

    where = serializers.CharField(help_text="What a new repository calls its `folder`.")
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=list(KINDS))
    lock_days = serializers.IntegerField(help_text="For how many days nobody can take away what was put there.")


class RepositorySerializer(serializers.ModelSerializer[Repository]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    plan_options = OptionsSerializer(
        read_only=True, help_text="What plans of its agents have that say nothing else; what isn't named is as usual."
    )
    control_code = serializers.SerializerMethodField(help_text="Empty until somebody has shown that he has the key.")
    snapshot_count = serializers.IntegerField(read_only=True, help_text="How many backups it holds.")
    stored = serializers.IntegerField(read_only=True, allow_null=True, help_text="Bytes they take.")
    place = serializers.SerializerMethodField()
    isolated = serializers.BooleanField(read_only=True, help_text="Whether its writers share nothing.")
    saves_here = serializers.BooleanField(read_only=True, help_text="Whether this server has a key to save into it.")
    quota = serializers.IntegerField(read_only=True, allow_null=True, help_text="Bytes that its objects may take.")
    used = serializers.IntegerField(read_only=True, help_text="Bytes that its objects take.")
    parity = serializers.IntegerField(read_only=True, help_text="Percent of what mends objects that the disk lets rot.")
    watched_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the server last looked at its row of backups."
    )

    class Meta:
        model = Repository
        fields = [
            "id",
            "project",
            "name",
            "folder",
            "place",
            "repository_id",
            "control_code",
            "has_passphrase",
            "isolated",
            "saves_here",
            "confirmed_at",
            "snapshot_count",
            "stored",
            "quota",
            "used",
            "parity",
            "plan_options",
            "plan_excludes",
            "watched_at",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(PlaceSerializer)
    def get_place(self, row: Repository) -> Any:
        return PlaceSerializer(about(row.folder)).data

    def get_control_code(self, row: Repository) -> str:
        return row.control_code if row.is_confirmed else ""


class NewRepositorySerializer(serializers.Serializer[Repository]):
    """What a client has made of a new repository. Its master key stays with the client: it is never sent."""

    project = serializers.SlugRelatedField(slug_field="slug", queryset=Project.objects.none())
    name = serializers.CharField(max_length=80)
    folder = serializers.CharField(
        max_length=300,
        required=False,
        default="",
        allow_blank=True,
        help_text="One of `places`; the suite's own data folder where it is empty.",
    )
    quota = serializers.IntegerField(
        required=False, default=None, allow_null=True, min_value=1, help_text="Bytes; null for no limit."
    )
    config = serializers.CharField(
        max_length=2 * LARGEST_CONFIG, write_only=True, help_text="The first config, signed by the master, in base64."
    )
    lister = serializers.CharField(
        max_length=LONGEST,
        write_only=True,
        help_text="A lister’s keyfile without passphrase: the server watches by it.",
    )
    writer = serializers.CharField(
        max_length=LONGEST,
        required=False,
        default="",
        allow_blank=True,
        write_only=True,
        help_text="A writer’s, with which the server itself saves; empty where only agents do.",
    )
    control_code = serializers.CharField(max_length=9, help_text="Of the master keyfile as its owner keeps it.")
    has_passphrase = serializers.BooleanField(default=False)
    code = serializers.CharField(
        max_length=20,
        required=False,
        default="",
        allow_blank=True,
        help_text="The control code as it was read from what is kept: the key is then confirmed at once.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        visible_projects(self)

    def validate_config(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise serializers.ValidationError("This isn’t base64.") from error

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        given = dict(self.validated_data)
        parts = {part.name: given.pop(part.name) for part in fields(Founding)}
        return given | {"founding": Founding(**parts)}


class ChangedRepositorySerializer(serializers.Serializer[Repository]):
    """What isn't named stays."""

    name = serializers.CharField(max_length=80, required=False)
    quota = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="Bytes; null for no limit. What is stored stays."
    )
    parity = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="Percent; 0 for none from now on. Where there was none, a job adds it to what is stored.",
    )


class DefaultsSerializer(serializers.Serializer[Repository]):
    """All of it is replaced. What isn't named is as usual."""

    options = OptionsSerializer(required=False, default=dict)
    excludes = serializers.ListField(
        child=serializers.CharField(max_length=500),
        required=False,
        default=list,
        help_text="What each plan leaves out beside its own patterns, as in a .gitignore.",
    )


class ConfirmSerializer(serializers.Serializer[Repository]):
    code = serializers.CharField(max_length=20, help_text="The control code that stands in the keyfile.")


class PlanSerializer(serializers.ModelSerializer[Plan]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    owner = serializers.SlugRelatedField[Plan](slug_field="email", read_only=True)
    repository = serializers.PrimaryKeyRelatedField[Repository](read_only=True)
    options = OptionsSerializer(read_only=True, source="settled")

    class Meta:
        model = Plan
        fields = [
            "id",
            "project",
            "name",
            "repository",
            "datasets",
            "files",
            "instance",
            "agent",
            "source",
            "paths",
            "excludes",
            "streams",
            "options",
            "every",
            "zone",
            "owner",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields


class StartedSerializer(serializers.Serializer[Any]):
    """What was started: one of the two."""

    job = JobSerializer(allow_null=True, read_only=True)
    run = RunSerializer(allow_null=True, read_only=True)


class EditedPlanSerializer(serializers.Serializer[Plan]):
    """A plan of this server says `datasets` and `files`; one of an agent says what the agent is to do."""

    name = serializers.CharField(max_length=80)
    repository = serializers.PrimaryKeyRelatedField(queryset=Repository.objects.none())
    datasets = serializers.BooleanField(default=True)
    files = serializers.BooleanField(default=True)
    instance = serializers.BooleanField(  # type: ignore[assignment]
        default=False, help_text="Instead: the database and the files of all projects. For who runs the instance."
    )
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=120, required=False, default="", allow_blank=True, help_text="The name of the row of snapshots."
    )
    paths = serializers.ListField(child=serializers.CharField(max_length=4000), required=False, default=list)
    excludes = serializers.ListField(
        child=serializers.CharField(max_length=500), required=False, default=list, help_text="As in a .gitignore."
    )
    streams = serializers.ListField(
        child=serializers.CharField(max_length=500),
        required=False,
        default=list,
        help_text="Dumps: postgresql:service=app, sqlite:file=/srv/app.db.",
    )
    options = OptionsSerializer(required=False, default=dict)
    every = serializers.CharField(
        max_length=60, help_text="For example «daily 02:30», «weekly mon 03:00», «every 6 h»."
    )
    zone = serializers.CharField(
        max_length=60,
        required=False,
        default="",
        allow_blank=True,
        help_text="A time zone such as Europe/Paris; the instance's own where it is empty.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if (request := self.context.get("request")) is not None:
            self.fields["repository"].queryset = Repository.objects.visible_to(request.user)  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        given = dict(self.validated_data)
        orders = {name: given.pop(name) for name in ("source", "paths", "excludes", "streams", "options")}
        return given | {"orders": Orders(**orders)}


class NewPlanSerializer(EditedPlanSerializer):
    project = serializers.SlugRelatedField(slug_field="slug", queryset=Project.objects.none())
    agent = serializers.PrimaryKeyRelatedField(
        queryset=Agent.objects.none(), required=False, allow_null=True, default=None
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        visible_projects(self)
        if (request := self.context.get("request")) is not None:
            self.fields["agent"].queryset = Agent.objects.visible_to(request.user)  # type: ignore[attr-defined]


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)

    class Meta:
        model = Snapshot
        fields = [
            "id",
            "project",
            "plan",
            "repository",
            "source",
            "host",
            "tags",
            "snapshot_id",
            "sequence",
            "manifest",
            "datasets",
            "files",
            "bytes",
            "added",
            "fresh",
            "dense",
            "changed",
            "unread",
            "store_differs",
            "held",
            "anchor",
            "started_at",
            "finished_at",
            "received_at",
            "forgotten_at",
            "gone_at",
        ]
        read_only_fields = fields


def visible_projects(form: serializers.Serializer) -> None:  # type: ignore[type-arg]
    """Let a form name only projects that its caller may open."""
    if (request := form.context.get("request")) is not None:
        form.fields["project"].queryset = Project.objects.visible_to(request.user)  # type: ignore[attr-defined]
