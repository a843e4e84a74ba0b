"""What agents and the portal tell each other, as forms."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backup.models import Agent, Run
from backup.queries import Due
from backup.services.runs import Line, Outcome, Report, Taken

MOST_COUNT, MOST_FILES = (1 << 63) - 1, (1 << 31) - 1
LONGEST_LINE = 2000
MOST_COUNTS = 40
NAME = re.compile(r"[a-z][a-z_]{0,39}")
ENDS = [(state.value, state.label) for state in Run.State if state not in Run.LIVE]
LEVELS = [(level, level) for level in ("info", "warning", "error")]


@extend_schema_field(OpenApiTypes.BYTE)
class Base64Field(serializers.Field[bytes, Any, str, Any]):
    """Bytes in base64."""

    default_error_messages = {"invalid": _("This isn’t base64."), "size": _("This is too long.")}

    def __init__(self, *, most: int = 256 << 10, **options: Any) -> None:
        self.most = most
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> bytes:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            value = base64.b64decode(data, validate=True)
        except (ValueError, binascii.Error):
            self.fail("invalid")
        if len(value) > self.most:
            self.fail("size")
        return value

    def to_representation(self, value: bytes) -> str:
        return base64.b64encode(value).decode()


class CountField(serializers.IntegerField):
    def __init__(self, most: int = MOST_COUNT, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": most, "required": False, "default": 0, **options})


class EnrolSerializer(serializers.Serializer[Agent]):
    code = serializers.CharField(max_length=40, help_text="As the portal showed it; hyphens and capitals don't count.")
    host = serializers.CharField(max_length=120)
    program = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    seal_to = serializers.CharField(max_length=64, help_text="The machine's public key of X25519, in hex.")


class WhereSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    number = serializers.CharField(help_text="Of the format: 16 bytes in hex.")
    url = serializers.CharField(help_text="As suite-backup takes it.")


class IntroducedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    duty = serializers.ChoiceField(choices=Agent.Duty.choices)
    project = serializers.CharField()
    repository = WhereSerializer()


class EnrolledSerializer(IntroducedSerializer):
    token = serializers.CharField(help_text="agent_<key>.<secret>: shown here once.")


class DueSerializer(serializers.Serializer[Due]):
    id = serializers.UUIDField(source="plan.pk")
    name = serializers.CharField(source="plan.name")
    source = serializers.CharField(source="plan.source")  # type: ignore[assignment]
    paths = serializers.ListField(child=serializers.CharField(), source="plan.paths")
    excludes = serializers.ListField(child=serializers.CharField(), source="plan.left_out")
    streams = serializers.ListField(child=serializers.CharField(), source="plan.streams")
    options = serializers.DictField(source="plan.settled", help_text="Every option of the agent's duty.")
    zone = serializers.SerializerMethodField(help_text="Where its days begin.")
    turns = serializers.ListField(
        child=serializers.DateTimeField(), help_text="When it is due: the first is due now where it is over."
    )
    due = serializers.BooleanField(source="is_due")
    run = serializers.SerializerMethodField(help_text="Of the run that waits for the agent, or goes on.")
    waits = serializers.SerializerMethodField(help_text="Whether that run waits for the agent to begin it.")
    stop = serializers.SerializerMethodField(help_text="Whether that run is to stop.")

    def get_zone(self, due: Due) -> str:
        return due.plan.zone or str(settings.TIME_ZONE)

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_run(self, due: Due) -> str | None:
        return str(due.run.pk) if due.run else None

    def get_waits(self, due: Due) -> bool:
        return due.run is not None and due.run.state == Run.State.WAITING

    def get_stop(self, due: Due) -> bool:
        return due.run is not None and due.run.stop_asked_at is not None


class StateSerializer(IntroducedSerializer):
    key_id = serializers.CharField(help_text="Of the key it works with; empty before it has one.")
    sealed_key = Base64Field(help_text="A keyfile sealed to the machine, until it says that it is kept.")
    ask_again = serializers.IntegerField(help_text="Seconds after which to ask again, give or take a fifth.")
    plans = DueSerializer(many=True)


class HeldKeySerializer(serializers.Serializer[Agent]):
    key_id = serializers.CharField(max_length=32, required=False, default="", allow_blank=True)
    badge = Base64Field(most=16 << 10, required=False, default=b"")
    proof = Base64Field(most=64, required=False, default=b"", help_text="A signature by the key of the badge.")


class BeginSerializer(serializers.Serializer[Run]):
    id = serializers.UUIDField(help_text="Made by the agent, or that of a run that waits: said twice, it is one run.")
    plan = serializers.UUIDField()
    started_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Where it began while the portal was away."
    )


class HeardSerializer(serializers.Serializer[Run]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Run.State.choices)
    stop = serializers.BooleanField()


class LineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1, max_value=MOST_FILES)
    at = serializers.DateTimeField()
    level = serializers.ChoiceField(choices=LEVELS, required=False, default="info")
    text = serializers.CharField(max_length=LONGEST_LINE)


class ReportSerializer(serializers.Serializer[Run]):
    number = serializers.IntegerField(min_value=0, max_value=MOST_FILES, help_text="Grows with each report of a run.")
    files = CountField()
    bytes = CountField()
    total = CountField(allow_null=True, default=None)
    added = CountField()
    unread = CountField(MOST_FILES)
    doing = serializers.CharField(max_length=LONGEST_LINE, required=False, default="", allow_blank=True)
    lines = serializers.ListField(child=LineSerializer(), required=False, default=list, max_length=500)


class TakenSerializer(serializers.Serializer[Any]):
    snapshot_id = serializers.RegexField(r"\A[0-9a-f]{64}\Z")
    sequence = serializers.IntegerField(min_value=1, max_value=MOST_FILES)
    manifest = serializers.RegexField(r"\A[0-9a-f]{64}\Z")
    source = serializers.CharField(max_length=256)  # type: ignore[assignment]
    host = serializers.CharField(max_length=256, allow_blank=True)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=120), required=False, default=list, max_length=100
    )
    files = CountField(MOST_FILES)
    bytes = CountField()
    added = CountField()
    fresh = CountField()
    dense = CountField()
    changed = CountField()
    unread = CountField(MOST_FILES)
    store_differs = serializers.BooleanField(required=False, default=False)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()


class EndSerializer(ReportSerializer):
    state = serializers.ChoiceField(choices=ENDS)
    error = serializers.CharField(max_length=LONGEST_LINE, required=False, default="", allow_blank=True)
    result = serializers.DictField(
        required=False, default=dict, help_text="Counts that a check, a drill or a prune tells."
    )
    snapshot = TakenSerializer(required=False, allow_null=True, default=None)

    def validate_result(self, value: dict[str, Any]) -> dict[str, Any]:
        """Numbers under names of ours: it is kept in clear, and no name of a file has a way into it."""
        if not all(is_count(name, one, deeper=True) for name, one in value.items()) or len(value) > MOST_COUNTS:
            raise serializers.ValidationError(_("A result has numbers only, under short names."), "counts")
        return value


def is_count(name: str, value: Any, *, deeper: bool = False) -> bool:
    """Whether this is a number or a yes or no under a short name, or, where it may lie deeper, several of them."""
    if not NAME.fullmatch(name):
        return False
    if deeper and isinstance(value, dict):
        return len(value) <= MOST_COUNTS and all(is_count(inner, one) for inner, one in value.items())
    return isinstance(value, bool | int | float) and abs(value) <= MOST_COUNT


def report(given: dict[str, Any]) -> Report:
    """What a valid form says of how far a run is."""
    names = ("number", "files", "bytes", "total", "added", "unread", "doing")
    return Report(**{name: given[name] for name in names}, lines=[Line(**line) for line in given["lines"]])


def outcome(given: dict[str, Any]) -> Outcome:
    """What a valid form says of how a run ended."""
    taken = Taken(**given["snapshot"]) if given["snapshot"] else None
    return Outcome(given["state"], given["error"], given["result"], taken)
