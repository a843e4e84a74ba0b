"""Forms that the caller holds himself: converted, checked, evaluated. Nothing is kept, and no project is needed."""

from __future__ import annotations

import base64
import json
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Fault, Invalid
from core.rest.parsers import JSONParser, MultiPartParser
from core.rest.views import View
from ecrf.engine import exchange
from ecrf.intake import takes_form
from ecrf.services import definitions

FORMATS = sorted(exchange.FORMATS)
LANGUAGES = ["en", "fr"]


class SourceSerializer(serializers.Serializer[None]):
    """A form, said in one of three ways."""

    definition = serializers.JSONField(required=False, help_text="The form as JSON: `native` or FHIR.")
    text = serializers.CharField(
        required=False, trim_whitespace=False, max_length=exchange.MAX_BYTES, help_text="The form in a format of text."
    )
    file = serializers.FileField(required=False, help_text="The form as a file.", validators=[takes_form])
    format = serializers.ChoiceField(choices=FORMATS, required=False, help_text="Its format, else found out.")
    language = serializers.ChoiceField(
        choices=LANGUAGES, default="en", help_text="Language of texts that don't say theirs."
    )


class ConvertSerializer(SourceSerializer):
    to = serializers.ChoiceField(choices=FORMATS)


class EvaluateSerializer(SourceSerializer):
    values = serializers.JSONField(help_text="Items and their values: texts, numbers, lists of codes, or null.")
    context = serializers.JSONField(required=False, help_text="`now`, the number of the `subject`, and so on.")


class ProblemSerializer(serializers.Serializer[Any]):
    """What is wrong or doubtful, or gets lost, and where."""

    place = serializers.CharField()
    code = serializers.CharField()
    severity = serializers.CharField()
    message = serializers.CharField()
    params = serializers.DictField()


class ConvertedSerializer(serializers.Serializer[Any]):
    source = serializers.ChoiceField(choices=FORMATS, help_text="The format that the form was in.")
    to = serializers.ChoiceField(choices=FORMATS)
    media_type = serializers.CharField()
    encoding = serializers.ChoiceField(choices=["text", "base64"])
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


class DefinitionView(View):
    parser_classes = (JSONParser, MultiPartParser)
    cost = 25  # up to some seconds of a core
    serializer: type[SourceSerializer]

    def asked(self, request: Request) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
        """The form's bytes, how to read them, and the rest of the question."""
        asked = self.serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        given = [name for name in ("definition", "text", "file") if name in data]
        if len(given) != 1:
            raise Invalid([Fault("definition", "one_of_three", "Send `definition`, `text` or `file`: one of them.")])
        file = data.pop("file", None)
        options = {
            "source": data.pop("format", None),
            "language": data.pop("language"),
            "filename": str(file.name) if file else "",
        }
        if file:
            return file.read(), options, data
        text = data.pop("text", None)
        return (json.dumps(data.pop("definition")) if text is None else text).encode(), options, data


class ConvertView(DefinitionView):
    serializer = ConvertSerializer

    @extend_schema(
        operation_id="ecrf_definitions_convert",
        request={"application/json": ConvertSerializer, "multipart/form-data": ConvertSerializer},
        responses=ConvertedSerializer,
    )
    def post(self, request: Request) -> Response:
        """Write a form in another format; `losses` tell what got lost on the way. 422 with every fault of the form."""
        content, options, data = self.asked(request)
        done = definitions.convert(content, data["to"], **options)
        form = exchange.FORMATS[data["to"]]
        try:
            text, encoding = done.content.decode(), "text"
        except UnicodeDecodeError:
            text, encoding = base64.b64encode(done.content).decode(), "base64"
        answer = {
            "source": done.source,
            "to": form.name,
            "media_type": form.media_type,
            "encoding": encoding,
            "content": text,
            "losses": [definitions.told(loss, "loss") for loss in done.losses],
        }
        return Response(answer)


class CheckView(DefinitionView):
    serializer = SourceSerializer

    @extend_schema(
        operation_id="ecrf_definitions_check",
        request={"application/json": SourceSerializer, "multipart/form-data": SourceSerializer},
        responses=CheckedSerializer,
    )
    def post(self, request: Request) -> Response:
        """What is wrong or doubtful in a form, each with its place."""
        content, options, _ = self.asked(request)
        return Response(definitions.check(content, **options))


class EvaluateView(DefinitionView):
    serializer = EvaluateSerializer

    @extend_schema(
        operation_id="ecrf_definitions_evaluate",
        request={"application/json": EvaluateSerializer, "multipart/form-data": EvaluateSerializer},
        responses=StateSerializer,
    )
    def post(self, request: Request) -> Response:
        """What is shown, computed, missing or wrong with these values. 422 for a form that can't be used."""
        content, options, data = self.asked(request)
        faults = [
            Fault(name, "not_object", "Send an object.")
            for name in ("values", "context")
            if not isinstance(data.get(name, {}), dict)
        ]
        if faults:
            raise Invalid(faults)
        return Response(definitions.evaluate(content, data["values"], data.get("context", {}), **options))
