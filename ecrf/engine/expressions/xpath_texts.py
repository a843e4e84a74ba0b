"""XPath's functions on texts and patterns."""

from __future__ import annotations

import re
from collections.abc import Callable

from ecrf.engine import patterns
from ecrf.engine.expressions.xpath_arguments import Loose
from ecrf.engine.redcap.conversion import Node
from ecrf.engine.redcap.logic import Tree
from ecrf.engine.redcap.logic_tokens import LogicError


def regex(loose: Loose, text: Tree, pattern: Tree) -> Tree:
    if pattern[0] != "text" or patterns.wrong(pattern[1]) is not None:
        raise LogicError("pattern_not_supported", unsupported=True)
    return ("typed", ["matches", loose.typed(text, "text"), ["text", pattern[1]]], "boolean")


ESCAPED = re.compile(r"[\\^$.|?*+(){}\[\]]")


def part_of_text(before: str, after: str) -> Callable[[Loose, Tree, Tree], Tree]:
    """XPath tells small letters from capitals here, as patterns do."""

    def make(loose: Loose, text: Tree, part: Tree) -> Tree:
        if part[0] != "text":
            raise LogicError("wrong_argument", unsupported=True, name="contains")
        pattern = before + ESCAPED.sub(r"\\\g<0>", part[1]) + after
        return regex(loose, text, ("text", pattern))

    return make


def substring(loose: Loose, text: Tree, start: Tree, end: Tree | None = None) -> Tree:
    """``substr(text, start, end)`` counts from 0 and leaves out the end."""
    begin = loose.typed(start, "number")
    first: Node = ["+", begin, ["number", "1"]]
    many: Node = ["number", "20000"] if end is None else ["-", loose.typed(end, "number"), begin]
    return ("typed", ["mid", loose.typed(text, "text"), first, many], "text")
