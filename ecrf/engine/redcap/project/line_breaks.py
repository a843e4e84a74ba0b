"""Line breaks in the attributes of a project XML."""

from __future__ import annotations

import re

BREAK = "\n\ue000 "
"""A line break that was in an attribute: itself, a sign that no text has, and what XML makes of the break."""


def with_line_breaks(content: bytes) -> bytes:
    """REDCap writes line breaks as they are into attributes, where XML reads spaces: said so that they stay.

    The break stays behind its own name, so that lines keep their numbers.
    """
    return re.sub(
        rb'Value="[^"<]*"',
        lambda found: found.group().replace(b"\r\n", b"\n").replace(b"\n", b"&#10;&#xE000;\n"),
        content,
    )
