"""REDCap's action tags in the field annotation: ``@READONLY``, ``@DEFAULT='1'``, ``@CALCTEXT(if([a]=1, 'x', 'y'))``."""

from __future__ import annotations

import re
from collections.abc import Iterator

TAG = re.compile(r"@[A-Z][A-Z0-9_-]*")
DRAWING = frozenset(
    {
        "@HIDDEN-APP",
        "@HIDDEN-FORM",
        "@HIDDEN-PDF",
        "@HIDDEN-SURVEY",
        "@READONLY-APP",
        "@READONLY-FORM",
        "@READONLY-SURVEY",
        "@BARCODE-APP",
        "@HIDEBUTTON",
        "@INLINE",
        "@INLINE-PREVIEW",
        "@RICHTEXT",
        "@SYNC-APP",
        "@APPUSERNAME-APP",
        "@PREVIEW",
    }
)
"""Say how one of REDCap's screens draws the field: kept for an export, without effect here."""


def read(annotation: str) -> Iterator[tuple[str, str, str]]:
    """Each tag with its argument (what is quoted after ``=``, or what stands in the parentheses) and how it is written.
    """
    place = 0
    while found := TAG.search(annotation, place):
        begin, place = found.start(), found.end()
        rest = annotation[place:]
        argument = ""
        if rest.lstrip().startswith("(") and found.group() in ("@CALCTEXT", "@CALCDATE"):
            argument = parenthesis(rest.lstrip())
            place += len(rest) - len(rest.lstrip()) + len(argument) + 2
        elif quoted := re.match(r"""\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'@]+))""", rest):
            argument = next(part for part in quoted.groups() if part is not None)
            place += quoted.end()
        yield found.group(), argument, annotation[begin:place]


def parenthesis(text: str) -> str:
    """What stands between the first parenthesis and the one that closes it, quotes apart."""
    depth, quote = 0, ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return text[1:place]
    return text[1:]
