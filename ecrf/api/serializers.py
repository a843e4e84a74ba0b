"""Forms, subjects and records, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.files import taking
from core.rest.fields import ProjectField
from ecrf import rights
from ecrf.api.fields import FormatField
from ecrf.intake import takes_form
from ecrf.models import Entry, Form, FormVersion, Signature, Subject


class FormSerializer(serializers.ModelSerializer[Form]):
    project = serializers.SlugRelatedField[Form](slug_field="slug", read_only=True)
    version = serializers.IntegerField(source="current.number", read_only=True, help_text="Its current version.")
    hash = serializers.CharField(
        source="current.hash", read_only=True, help_text="SHA-256 of the canonical definition."
    )

    class Meta:
        model = Form
        fields = ["id", "project", "key", "title", "version", "hash", "created_at"]


class FormDetailSerializer(FormSerializer):
    definition = serializers.SerializerMethodField(help_text="Without the pages that the caller may not see.")

    class Meta(FormSerializer.Meta):
        fields = [*FormSerializer.Meta.fields, "definition"]

    def get_definition(self, form: Form) -> dict[str, Any]:
        version = form.published
        version.form = form
        return rights.shown_definition(self.context["request"].user, version)


class VersionSerializer(serializers.ModelSerializer[FormVersion]):
    form = serializers.SlugRelatedField[FormVersion](slug_field="key", read_only=True)
    published_by = serializers.StringRelatedField[FormVersion]()

    class Meta:
        model = FormVersion
        fields = ["id", "form", "number", "hash", "source", "published_by", "created_at"]


class VersionDetailSerializer(VersionSerializer):
    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "definition", "warnings"]

    def to_representation(self, instance: FormVersion) -> dict[str, Any]:
        """Without the pages that the caller may not see, nor what was said of them at the import."""
        shown = super().to_representation(instance)
        actor = self.context["request"].user
        definition = rights.shown_definition(actor, instance)
        if definition != instance.definition:
            shown |= {"definition": definition, "warnings": []}
        return shown


class DictionarySerializer(serializers.Serializer[None]):
    """A form of any format to import and publish in one go."""

    project = ProjectField()
    title = serializers.CharField(max_length=200, required=False, help_text="For a new form.")
    form = serializers.SlugField(required=False, help_text="Key of the form that gets a new version.")
    file = serializers.FileField(required=False, help_text="The form.", validators=[takes_form])
    dictionary = serializers.FileField(
        required=False,
        help_text="The same as `file`, for a REDCap dictionary.",
        validators=[taking.Takes(taking.Kind.TEXT)],
    )
    format = FormatField("Its format, else found out.", required=False)
    language = serializers.ChoiceField(choices=["fr", "en"], default="fr", help_text="Language of its labels.")
    translation = serializers.FileField(
        required=False,
        help_text="The same dictionary in the other language.",
        validators=[taking.Takes(taking.Kind.TEXT)],
    )
    ranges = serializers.ChoiceField(
        choices=["warn", "block"], default="warn", help_text="What happens to values beyond a minimum or maximum."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("dictionary" in attrs):
            raise serializers.ValidationError({"file": "Send `file`."})
        return attrs


class SubjectSerializer(serializers.ModelSerializer[Subject]):
    project = serializers.SlugRelatedField[Subject](slug_field="slug", read_only=True)
    site = serializers.SlugRelatedField[Subject](slug_field="code", read_only=True)

    class Meta:
        model = Subject
        fields = ["id", "project", "site", "number", "arm", "created_at"]


class NewSubjectSerializer(serializers.Serializer[None]):
    project = ProjectField()
    site = serializers.CharField(max_length=12, help_text="Code of the site.")
    number = serializers.CharField(
        max_length=30, allow_blank=True, default="", help_text="Only where the study’s numbers are typed."
    )
    arm = serializers.CharField(
        max_length=100, allow_blank=True, default="", help_text="Only where the arm stands in the study’s numbers."
    )


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """How far a record is, without its values."""

    subject = serializers.SlugRelatedField[Entry](slug_field="number", read_only=True)
    subject_id = serializers.UUIDField(read_only=True)
    form = serializers.SlugRelatedField[Entry](slug_field="key", read_only=True)
    version = serializers.SlugRelatedField[Entry](slug_field="number", read_only=True)
    locked = serializers.SerializerMethodField()

    class Meta:
        model = Entry
        fields = [
            "id",
            "subject",
            "subject_id",
            "form",
            "event",
            "page",
            "instance",
            "version",
            "revision",
            "is_complete",
            "tags",
            "pages",
            "locked",
            "created_at",
            "updated_at",
        ]

    def get_locked(self, entry: Entry) -> bool:
        return entry.locked_at is not None

    def to_representation(self, instance: Entry) -> dict[str, Any]:
        """Only of the pages that the caller reads."""
        shown = super().to_representation(instance)
        actor = self.context["request"].user
        may = rights.of_entry(actor, instance)
        if may.whole:
            return shown
        definition = instance.form.published.loaded
        shown["pages"] = {key: page for key, page in shown["pages"].items() if may.reads(key)}
        for name in ("values", "notes"):
            if name in shown:
                shown[name] = rights.values_for(may, definition, shown[name])
        return shown


class FindingSerializer(serializers.Serializer[Any]):
    """A remark on a value: missing, or to be checked."""

    place = serializers.CharField()
    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "missing", "warning", "query"])
    message = serializers.CharField()


class EntryDetailSerializer(EntrySerializer):
    """A record with its values, and what the form's rules make of them now."""

    values = serializers.DictField(
        read_only=True, help_text="Canonical: texts, lists of codes, lists of rows, or null."
    )
    notes = serializers.SerializerMethodField(help_text="Place -> status and comment.")
    computed = serializers.SerializerMethodField(help_text="Values of calculations and defaults.")
    findings = serializers.SerializerMethodField()

    class Meta(EntrySerializer.Meta):
        fields = [*EntrySerializer.Meta.fields, "values", "notes", "computed", "findings"]

    def get_notes(self, entry: Entry) -> dict[str, Any]:
        return entry.notes or {}

    def get_computed(self, entry: Entry) -> dict[str, Any]:
        state = self.context["state"]
        return {key: value for key, value in state.values.items() if entry.values.get(key) != value}

    def get_findings(self, entry: Entry) -> list[dict[str, Any]]:
        return list(FindingSerializer(self.context["findings"], many=True).data)


class ChangesSerializer(serializers.Serializer[None]):
    """What to save on a revision."""

    base_revision = serializers.IntegerField(min_value=0, help_text="The revision that was read; 0 for a new record.")
    values = serializers.DictField(
        help_text="The changed items only: texts, numbers, lists of codes, or null to empty."
    )
    notes = serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        required=False,
        help_text="Place -> {status, comment}, or null to take the note away.",
    )
    draft = serializers.BooleanField(default=False, help_text="Not finished: may break the form's checks.")
    complete = serializers.DictField(
        child=serializers.BooleanField(), required=False, help_text="Page -> whether it is complete."
    )
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    version = serializers.IntegerField(
        required=False, help_text="The form's version that was answered: 409 where a newer one was published since."
    )


class NewEntrySerializer(ChangesSerializer):
    subject = serializers.UUIDField(help_text="Id of the subject.")
    form = serializers.SlugField(help_text="Key of the form.")
    event = serializers.CharField(max_length=100, default="", allow_blank=True, help_text="Key of the event.")
    page = serializers.CharField(
        max_length=100, default="", allow_blank=True, help_text="The repeating page of which this is a copy."
    )
    instance = serializers.IntegerField(min_value=1, max_value=99_999, default=1)  # type: ignore[assignment]


class SignSerializer(serializers.Serializer[None]):
    page = serializers.CharField(max_length=100)
    revision = serializers.IntegerField(min_value=1, help_text="The revision that was read.")


class SignatureSerializer(serializers.ModelSerializer[Signature]):
    signer = serializers.StringRelatedField[Signature]()

    class Meta:
        model = Signature
        fields = ["id", "page", "revision", "digest", "meaning", "signer", "created_at", "undone_at"]


class ReasonSerializer(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ExportSerializer(serializers.Serializer[None]):
    identifiers = serializers.BooleanField(default=False, help_text="With the items that tell who people are.")


class JobSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()


class FragmentSerializer(serializers.Serializer[Any]):
    """One change of one item."""

    revision = serializers.IntegerField(source="number")
    at = serializers.DateTimeField()
    by = serializers.CharField()
    item = serializers.CharField(source="key")
    before = serializers.JSONField()
    after = serializers.JSONField()
    reason = serializers.CharField()
