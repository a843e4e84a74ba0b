"""Prescriptions and their lines, as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.rest.fields import ProjectField
from prescriptions import engine, opinions, reference
from prescriptions.engine import encode, linking
from prescriptions.models import Document, Line
from prescriptions.services.documents import LONGEST


class TextSerializer(serializers.Serializer[None]):
    project = ProjectField(help_text="Slug of the project.")
    text = serializers.CharField(
        max_length=LONGEST, trim_whitespace=False, help_text="One prescription, as it is written."
    )


class StructureSerializer(TextSerializer):
    reference = serializers.CharField(
        max_length=80, required=False, default="", help_text="An edition by its name; left out: the current one."
    )


class ProjectOnlySerializer(serializers.Serializer[None]):
    project = ProjectField(help_text="Slug of the project.")


class EvidenceSerializer(serializers.Serializer[None]):
    """Where a value stands in the text, and how sure its reading is."""

    path = serializers.CharField(help_text="The value, for instance `dosage.0.dose`.")
    kind = serializers.CharField()
    start = serializers.IntegerField(help_text="First character in the text that was sent.")
    end = serializers.IntegerField(help_text="The character after the last.")
    text = serializers.CharField()
    confidence = serializers.FloatField(required=False, help_text="0 to 1; left out: 1.")
    why = serializers.CharField(required=False, help_text="Why it is not surer.")


class ProductSerializer(serializers.Serializer[None]):
    """A product that a line may mean."""

    cis = serializers.CharField()
    name = serializers.CharField()
    score = serializers.FloatField(help_text="0 to 1.")
    why = serializers.ListField(
        child=serializers.CharField(), help_text="name or substance; strength, form and route, same or other."
    )
    factor = serializers.FloatField(
        required=False, help_text="The power of ten by which the strength that was read differs from the product’s."
    )
    atc = serializers.CharField(required=False)
    cip = serializers.ListField(child=serializers.CharField(), required=False, help_text="CIP13 of its boxes.")
    ucd = serializers.ListField(child=serializers.CharField(), required=False)


class ReadLineSerializer(serializers.Serializer[None]):
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()
    medication = serializers.JSONField(
        help_text="name, strength[], form, atc, dosage[], dispense, substitution, ald, dailyDose."
    )
    evidence = EvidenceSerializer(many=True)
    products = ProductSerializer(many=True, help_text="At most five, the likeliest first, in the list in use.")


class PassageSerializer(serializers.Serializer[None]):
    kind = serializers.CharField(help_text="header, patient, section, stopped, other or unread.")
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()
    name = serializers.CharField(required=False)


class ReadingSerializer(serializers.Serializer[None]):
    reference = serializers.CharField(help_text="The list of medicines that was used.")
    document = serializers.JSONField(help_text="date, patientWeightKg, dispense.")
    lines = ReadLineSerializer(many=True)
    passages = PassageSerializer(many=True)


def reading_of(name: str, found: engine.Ordonnance) -> dict[str, Any]:
    """A reading of which nothing is kept, with the products of the list that it was read with."""
    edition = reference.named(name)
    return {
        "reference": name,
        "document": encode(found.document),
        "lines": [linking.with_products(line, edition) for line in found.lines],
        "passages": [encode(passage) for passage in found.passages],
    }


class OpinionSerializer(serializers.Serializer[Any]):
    """What a second reader says of a line that wasn't sure. It changes nothing unless somebody takes it."""

    by = serializers.CharField(help_text="The model.")
    medication = serializers.SerializerMethodField()
    differs = serializers.ListField(
        child=serializers.CharField(), help_text="The fields in which it differs from the line; none: it agrees."
    )
    is_offered = serializers.BooleanField(help_text="Whether it can be taken: it differs, and leaves no word out.")

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_medication(self, opinion: opinions.Opinion) -> dict[str, Any]:
        return dict(encode(opinion.read.medication))


class LineSerializer(serializers.ModelSerializer[Line]):
    reading = serializers.SerializerMethodField()
    opinion = serializers.SerializerMethodField()
    document = serializers.UUIDField(source="document_id", read_only=True)
    product = serializers.CharField(read_only=True, allow_null=True, help_text="CIS of the product somebody chose.")

    class Meta:
        model = Line
        fields = ["id", "document", "position", "state", "revision", "uncertain", "seconds", "product", "reading",
                  "opinion"]  # fmt: skip

    @extend_schema_field(ReadLineSerializer)
    def get_reading(self, line: Line) -> dict[str, Any]:
        return linking.with_products(line.read, self.context.get("edition") or reference.in_use()[1])

    @extend_schema_field(OpinionSerializer(allow_null=True))
    def get_opinion(self, line: Line) -> dict[str, Any] | None:
        found = opinions.of(line)
        return None if found is None else dict(OpinionSerializer(found).data)


class DocumentSerializer(serializers.ModelSerializer[Document]):
    project = serializers.SlugRelatedField[Document](slug_field="slug", read_only=True)
    author = serializers.SlugRelatedField[Document](slug_field="email", read_only=True)
    assigned_to = serializers.EmailField(source="assigned_to.email", read_only=True, allow_null=True, default=None)
    from_file = serializers.SerializerMethodField(help_text="Whether it was read from a file.")

    class Meta:
        model = Document
        fields = [
            "id",
            "project",
            "number",
            "status",
            "author",
            "assigned_to",
            "from_file",
            "reference",
            "created_at",
            "reviewed_at",
        ]

    def get_from_file(self, document: Document) -> bool:
        return document.file_id is not None


class DocumentDetailSerializer(DocumentSerializer):
    lines = serializers.SerializerMethodField()
    text = serializers.CharField(read_only=True)
    reading = serializers.JSONField(read_only=True, help_text="document and passages: what is not a line.")

    class Meta(DocumentSerializer.Meta):
        fields = [*DocumentSerializer.Meta.fields, "text", "reading", "lines"]

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, document: Document) -> list[Any]:
        from prescriptions.queries import lines_of

        context = {"edition": reference.in_use()[1]}
        return list(LineSerializer(lines_of(document), many=True, context=context).data)


class RevisionSerializer(serializers.Serializer[None]):
    revision = serializers.IntegerField(min_value=0, help_text="The revision of the line that you read.")
    seconds = serializers.IntegerField(
        min_value=0, required=False, default=0, help_text="For how long somebody worked at the line."
    )


class CorrectionSerializer(RevisionSerializer):
    field = serializers.CharField(
        max_length=60, help_text="`name`, `strength`, `form`, `supply`, or `dosage.<n>.<field>`."
    )
    words = serializers.CharField(
        max_length=300,
        allow_blank=True,
        help_text="French words, for instance `1/2 comprimé`; empty takes the value away.",
    )


class SettleSerializer(RevisionSerializer):
    state = serializers.ChoiceField(choices=Line.State.choices)


class SplitSerializer(RevisionSerializer):
    at = serializers.IntegerField(min_value=1, help_text="The character of the text at which the second line begins.")


class PlaceSerializer(serializers.Serializer[None]):
    start = serializers.IntegerField(min_value=0, help_text="The first character of the line in the text.")
    end = serializers.IntegerField(min_value=1, help_text="The character after the last.")


class JobSerializer(serializers.Serializer[None]):
    job = serializers.UUIDField(help_text="Follow it below /api/v1/jobs/.")
