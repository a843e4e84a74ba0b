"""Fields that several resources of the forms take."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ecrf.engine.exchange import FORMATS


class FormatField(serializers.CharField):
    """The name of a format of forms."""

    default_error_messages = {"format_unknown": "“{given}” is not a format. There are: {formats}."}

    def __init__(self, help_text: str = "", **options: Any) -> None:
        names = ", ".join(f"`{name}`" for name in FORMATS)
        super().__init__(help_text=f"{help_text} One of {names}.".strip(), max_length=40, **options)

    def to_internal_value(self, data: Any) -> str:
        name = str(super().to_internal_value(data))
        if name not in FORMATS:
            self.fail("format_unknown", given=name, formats=", ".join(FORMATS))
        return name
