"""The shapes of imports, numbers and arms over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.files import taking
from core.rest.fields import ProjectField
from ecrf.engine.exchange import data_formats
from ecrf.models import DataImport, NumberingRule

KINDS = (taking.Kind.TEXT, taking.Kind.JSON, taking.Kind.XML, taking.Kind.XLSX, taking.Kind.ZIP)


class CellSerializer(serializers.Serializer[Any]):
    """What is wrong or doubtful, at one cell."""

    row = serializers.JSONField(help_text="The row of a spreadsheet, or the place in a file that has none.")
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class DataImportSerializer(serializers.ModelSerializer[DataImport]):
    """A file of data and how far it is."""

    project = serializers.SlugRelatedField[DataImport](slug_field="slug", read_only=True)
    form = serializers.SlugRelatedField[DataImport](slug_field="key", read_only=True)
    author = serializers.CharField(read_only=True)
    state = serializers.CharField(
        read_only=True, help_text="checking, faulty, ready, saving, done, undone or discarded."
    )
    unknown_subjects = serializers.CharField(source="subjects", read_only=True, help_text="refuse or create.")
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        read_only=True,
        help_text="records, subjects_new, entries_new, entries_changed, entries_unchanged, fields, faults, warnings…",
    )

    class Meta:
        model = DataImport
        fields = [
            "id",
            "project",
            "form",
            "author",
            "source",
            "format",
            "state",
            "empty",
            "unknown_subjects",
            "signed",
            "site",
            "counts",
            "job",
            "created_at",
            "done_at",
            "undone_at",
        ]


class DataImportDetailSerializer(DataImportSerializer):
    faults = serializers.SerializerMethodField(help_text="The first ten thousand; `counts` tells how many there are.")
    warnings = serializers.SerializerMethodField()

    class Meta(DataImportSerializer.Meta):
        fields = [*DataImportSerializer.Meta.fields, "faults", "warnings"]

    def get_faults(self, found: DataImport) -> list[dict[str, Any]]:
        return list((found.report or {}).get("faults", []))

    def get_warnings(self, found: DataImport) -> list[dict[str, Any]]:
        return list((found.report or {}).get("warnings", []))


class NewImportSerializer(serializers.Serializer[None]):
    project = ProjectField()
    form = serializers.SlugField(help_text="Key of the form.")
    file = serializers.FileField(validators=[taking.Takes(*KINDS)])
    format = serializers.ChoiceField(
        choices=sorted(data_formats.FORMATS), required=False, help_text="Its format, else found out."
    )
    empty = serializers.ChoiceField(choices=DataImport.Empty.choices, default="keep")
    unknown_subjects = serializers.ChoiceField(choices=DataImport.Subjects.choices, default="create")
    signed = serializers.ChoiceField(choices=DataImport.Signed.choices, default="refuse")
    site = serializers.CharField(max_length=50, default="", help_text="Code of the site of new subjects.")
    reason = serializers.CharField(max_length=500, default="")


class UndoSerializer(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=500)


class NumberingSerializer(serializers.ModelSerializer[NumberingRule]):
    project = serializers.SlugRelatedField[NumberingRule](slug_field="slug", read_only=True)

    class Meta:
        model = NumberingRule
        fields = ["id", "project", "pattern", "per", "check_digit", "typed", "typed_pattern", "changed_at"]


class NewNumberingSerializer(serializers.Serializer[None]):
    project = ProjectField()
    pattern = serializers.CharField(max_length=100, help_text="As `{site}-{sequence:03}`.")
    per = serializers.ChoiceField(choices=NumberingRule.Per.choices, default="site")
    check_digit = serializers.ChoiceField(choices=NumberingRule.Check.choices, allow_blank=True, default="")
    typed = serializers.BooleanField(default=False)
    typed_pattern = serializers.CharField(max_length=200, allow_blank=True, default="")


class NumbersSerializer(serializers.Serializer[Any]):
    numbers = serializers.ListField(child=serializers.CharField())


class SubjectArmSerializer(serializers.Serializer[None]):
    arm = serializers.CharField(max_length=100, allow_blank=True, help_text="Empty to take it away.")
    reason = serializers.CharField(max_length=500)


class SubjectArmSetSerializer(serializers.Serializer[Any]):
    arm = serializers.CharField()
    entries_kept = serializers.ListField(
        child=serializers.UUIDField(), help_text="Records of events that this arm doesn’t have."
    )
