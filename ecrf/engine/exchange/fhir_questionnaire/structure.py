"""A questionnaire as a list of questions, each with the groups and questions that it stands in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrf.engine.exchange.fhir_questionnaire.extensions import CONTROL, codes, first
from ecrf.engine.faults import Fault, Refused

DEEPEST = 30
MOST = 20_000


@dataclass
class Node:
    """A group, with all that it says besides its items."""

    place: str
    said: Mapping[str, Any]

    @property
    def repeats(self) -> bool:
        return bool(self.said.get("repeats"))

    @property
    def link(self) -> str:
        return str(self.said["linkId"])


@dataclass
class Question:
    place: str
    said: Mapping[str, Any]
    path: tuple[Node, ...]
    under: str = ""
    """The question that it is asked beneath."""
    help: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def link(self) -> str:
        return str(self.said["linkId"])


def opened(content: bytes) -> Mapping[str, Any]:
    """Raises Refused for what is no questionnaire."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise Refused([Fault("file", "too_deep", {"limit": DEEPEST})]) from None
    except ValueError as error:
        raise Refused([Fault("file", "not_json", {"detail": str(error)[:200]})]) from None
    if not isinstance(data, dict) or data.get("resourceType") != "Questionnaire":
        raise Refused([Fault("file", "not_a_questionnaire")])
    faults = [*wrong(data, "", 0)]
    if faults:
        raise Refused(faults)
    return data


def wrong(part: Mapping[str, Any], place: str, depth: int) -> Iterator[Fault]:
    """What keeps items from being read: no list, no linkId, no type, too deep."""
    items = part.get("item", [])
    if depth > DEEPEST:
        yield Fault(place, "too_deep", {"limit": DEEPEST})
        return
    if not isinstance(items, list):
        yield Fault(f"{place}.item".lstrip("."), "wanted_list")
        return
    for number, one in enumerate(items):
        where = f"{place}.item.{number}".lstrip(".")
        if not isinstance(one, dict):
            yield Fault(where, "wanted_map")
            continue
        for name in ("linkId", "type"):
            if not isinstance(one.get(name), str) or not one[name].strip():
                yield Fault(f"{where}.{name}", "cell_empty")
        for name in ("extension", "answerOption", "enableWhen", "initial", "code"):
            given = one.get(name, [])
            if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
                yield Fault(f"{where}.{name}", "wanted_list")
        yield from wrong(one, where, depth + 1)


def questions(data: Mapping[str, Any]) -> list[Question]:
    made: list[Question] = []
    walk(data.get("item", []), "", (), "", made)
    if not made:
        raise Refused([Fault("item", "file_empty")])
    if len(made) > MOST:
        raise Refused([Fault("item", "too_many_rows", {"limit": MOST})])
    return made


def walk(
    items: Sequence[Mapping[str, Any]], place: str, path: tuple[Node, ...], under: str, made: list[Question]
) -> None:
    for number, one in enumerate(items):
        where = f"{place}.item.{number}".lstrip(".")
        inside = one.get("item", [])
        if one["type"] == "group":
            walk(inside, where, (*path, Node(where, bare(one))), under, made)
            continue
        question = Question(where, one, path, under)
        made.append(question)
        question.help = [each for each in inside if is_help(each)]
        walk([each for each in inside if not is_help(each)], where, path, question.link, made)


def is_help(item: Mapping[str, Any]) -> bool:
    return item["type"] == "display" and "help" in codes(first(item, CONTROL))


def bare(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "item"}
