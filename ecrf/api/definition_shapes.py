"""Definitions, as the API takes and answers them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ecrf.api.fields import FormatField
from ecrf.engine import exchange
from ecrf.intake import takes_form


class SourceSerializer(serializers.Serializer[None]):
    """A form, said in one of three ways."""

    definition = serializers.JSONField(required=False, help_text="The form as JSON: `native` or FHIR.")
    text = serializers.CharField(
        required=False, trim_whitespace=False, max_length=exchange.MAX_BYTES, help_text="The form in a format of text."
    )
    file = serializers.FileField(required=False, help_text="The form as a file.", validators=[takes_form])
    format = FormatField("Its format, else found out.", required=False)
    language = serializers.RegexField(
        r"^[a-z]{2,3}$", default="en", help_text="Language of texts that don't say theirs, as en or fr."
    )


class ConvertSerializer(SourceSerializer):
    to = FormatField()


class EvaluateSerializer(SourceSerializer):
    values = serializers.JSONField(help_text="Items and their values: texts, numbers, lists of codes, or null.")
    context = serializers.JSONField(  # type: ignore[assignment]  # its name in the question
        required=False, help_text="`now`, the number of the `subject`, and so on."
    )


class ProblemSerializer(serializers.Serializer[Any]):
    """What is wrong or doubtful, or gets lost, and where."""

    place = serializers.CharField()
    code = serializers.CharField()
    severity = serializers.CharField()
    message = serializers.CharField()
    params = serializers.DictField()


class ConvertedSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(help_text="The format that the form was in.")  # type: ignore[assignment]
    to = FormatField()
    media_type = serializers.CharField()
    encoding = serializers.CharField(help_text="`text` or `base64`.")
    content = serializers.CharField()
    losses = ProblemSerializer(many=True)


class CheckedSerializer(serializers.Serializer[Any]):
    valid = serializers.BooleanField()
    format = serializers.CharField(allow_null=True)
    pages = serializers.IntegerField()
    items = serializers.IntegerField()
    problems = ProblemSerializer(many=True)


class StateSerializer(serializers.Serializer[Any]):
    """The state of an entry, as forms compute it."""

    values = serializers.DictField()
    visible = serializers.ListField(child=serializers.CharField())
    findings = ProblemSerializer(many=True)
