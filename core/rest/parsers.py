"""What may be in the body of a call: not too much, not too deep, and only text that can be kept."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from rest_framework import parsers

from core.web.intake import only_text

DEEPEST = 100
"""Levels of lists and objects inside each other."""


class JSONParser(parsers.JSONParser):
    """JSON of bounded size and depth."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig("The JSON is larger than a call may send.")
        try:
            parsed = super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise BadRequest("JSON is nested too deeply.") from None
        look_through(parsed)
        return parsed


class MultiPartParser(parsers.MultiPartParser):
    """A form with files."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        parsed = super().parse(stream, media_type, parser_context)
        only_text(*parsed.data, *(value for _name, values in parsed.data.lists() for value in values))
        return parsed


def look_through(parsed: Any) -> None:
    """Raises BadRequest for what is nested too deeply or holds characters that can't be kept. Without recursion."""
    level = [parsed]
    for _depth in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                only_text(value)
            elif isinstance(value, dict):
                only_text(*value)
                below += value.values()
            elif isinstance(value, list):
                below += value
        if not below:
            return
        level = below
    raise BadRequest("JSON is nested too deeply.")
