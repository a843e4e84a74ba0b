"""What the exchange of formats finds has words, and the words find what they speak of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ecrf import messages
from ecrf.words import formats

ENGINE = Path(__file__).parents[2] / "ecrf/engine"
TELLING = frozenset({"fault", "remark", "warn", "cell_fault", "Fault", "at", "find"})


def calls() -> Iterator[tuple[str, set[str]]]:
    """Each code that the exchange raises, with the names of what is told besides."""
    for folder in ("exchange", "redcap"):
        for path in (ENGINE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name not in TELLING:
                    continue
                told = {keyword.arg or "" for keyword in node.keywords}
                told |= {"name"} if path.name == "cells.py" else set()
                for argument in node.args:
                    if isinstance(argument, ast.Dict):
                        told |= {key.value for key in argument.keys if isinstance(key, ast.Constant)}
                codes = [
                    part.value
                    for argument in node.args
                    for part in ([argument] if isinstance(argument, ast.Constant) else [])
                    if isinstance(part.value, str) and re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", part.value)
                ]
                yield from ((code, told) for code in codes)


def test_every_code_has_words() -> None:
    """A code that a reader or a writer of a format raises has a message."""
    known = messages.WORDS.keys() | messages.DATA.keys()
    raised = {code for code, _ in calls()}
    assert len(raised) > 60
    columns = {"max_length", "required_message", "repeat_count"}
    assert raised - known == columns & raised


def test_words_say_what_is_told() -> None:
    """A message of the exchange speaks of nothing that isn't told with its code."""
    for code, told in calls():
        text = str(formats.FORMATS.get(code) or formats.DATA.get(code) or "")  # the others have tests of old
        wanted = set(re.findall(r"%\((\w+)\)s", text))
        assert wanted <= told or "" in told, code


def test_no_word_is_left_over() -> None:
    """Each message is that of a code that somebody raises."""
    source = "\n".join(path.read_text() for path in ENGINE.rglob("*.py"))
    assert [code for code in (*formats.DATA, *formats.FORMATS) if f'"{code}"' not in source] == []
