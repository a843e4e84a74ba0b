"""What may be in the body of a call: not too much, not too deep, and only text that can be kept."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from core.web.intake import only_text

DEEPEST = 100
"""Levels of lists and objects inside each other."""


class JSONParser(parsers.JSONParser):
    """JSON of bounded size and depth, in UTF-8, whose objects say each name once and whose numbers are finite."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig("The JSON is larger than a call may send.")
        try:
            parsed = json.loads(
                body.decode(), object_pairs_hook=said_once, parse_float=finite, parse_constant=not_a_number
            )
        except RecursionError:
            raise BadRequest("JSON is nested too deeply.") from None
        except ValueError:  # no JSON, no UTF-8, or a whole number of thousands of digits
            raise ParseError from None
        look_through(parsed)
        return parsed


def said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that is said twice, one reader would take the first value and another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("A name is said twice.")
    return found


def finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadRequest("A number is too large.")
    return number


def not_a_number(_text: str) -> None:
    raise BadRequest("JSON has no such number.")


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
