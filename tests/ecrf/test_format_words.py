"""What the exchange of formats finds has words, and the words find what they speak of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ecrf import messages
from ecrf.engine.exports import FORMATS
from ecrf.services.exports.choices import DATASET
from ecrf.words import exporting, formats

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


def losses() -> Iterator[tuple[str, set[str], str]]:
    """Each code that a writer of exports, or what calls it, gives; what is told besides; and where."""
    for folder in (ENGINE / "exports", ENGINE / "paper", ENGINE.parent / "services/exports"):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and name == "lacking":
                    yield from (
                        (f"export_without_{ast.literal_eval(part)}", set(), path.name) for part in node.args[1:]
                    )
                elif isinstance(node, ast.Call) and name in ("Fault", "Loss") and path.name != "lacking.py":
                    told = node.args[2] if len(node.args) > 2 else None
                    keys = told.keys if isinstance(told, ast.Dict) else ()
                    yield ast.literal_eval(node.args[1]), {ast.literal_eval(key) for key in keys if key}, path.name


def test_every_loss_of_an_export_has_words() -> None:
    """Whatever a writer says that its format can't hold is told in words, which speak of nothing untold."""
    found = [loss for loss in losses() if loss[2] not in ("choices.py", "asking.py")]  # these speak for themselves
    assert len({code for code, _, _ in found}) > 14
    for code, told, where in found:
        if where == "making.py" and code == "nothing_left":
            continue  # a fault of the choices, in its own words
        text = str(messages.WORDS[code])
        assert set(re.findall(r"%\((\w+)\)s", text)) <= told, (code, where)
        assert str(messages.words(code, dict.fromkeys(told, "x")))


def test_every_part_that_may_lack_has_words() -> None:
    """A format may lack each part that can be asked for."""
    tree = ast.parse((ENGINE / "exports/lacking.py").read_text())
    (parts,) = (node for node in ast.walk(tree) if isinstance(node, ast.Dict))
    assert parts.keys
    for key in parts.keys:
        assert f"export_without_{ast.literal_eval(key or parts)}" in messages.WORDS


def test_every_format_has_words() -> None:
    """Each format of exports says for whom it is; nothing is said of another one."""
    assert set(exporting.FORMATS) == {*FORMATS, DATASET}
