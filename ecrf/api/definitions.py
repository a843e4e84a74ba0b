"""Forms that the caller holds himself: converted, checked, evaluated. Nothing is kept, and no project is needed."""

from __future__ import annotations

import base64
import json
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Fault, Invalid
from core.rest.parsers import JSONParser, MultiPartParser
from core.rest.views import View
from ecrf.api.definition_shapes import (
    CheckedSerializer,
    ConvertedSerializer,
    ConvertSerializer,
    EvaluateSerializer,
    SourceSerializer,
    StateSerializer,
)
from ecrf.engine import exchange
from ecrf.services import definitions


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
