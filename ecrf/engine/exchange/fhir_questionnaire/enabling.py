"""``enableWhen`` as expressions, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine.exchange.fhir_questionnaire.answers import literal
from ecrf.engine.exchange.fhir_questionnaire.kinds import YES_NO
from ecrf.engine.exchange.fhir_questionnaire.options import Options

NULL = ["null"]
SIGNS = {"=": "=", "!=": "<>", ">": ">", "<": "<", ">=": ">=", "<=": "<="}


class Unsaid(Exception):
    """A condition that can't be an expression here."""


def condition(said: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]], options: Options) -> Any:
    """The expression of an item's ``enableWhen``; `items` are by linkId. Raises Unsaid."""
    parts = [one(each, items, options) for each in said.get("enableWhen", ())]
    if not parts:
        return None
    how = "or" if said.get("enableBehavior") == "any" else "and"
    return parts[0] if len(parts) == 1 else [how, *parts]


def one(said: Mapping[str, Any], items: Mapping[str, Mapping[str, Any]], options: Options) -> list[Any]:
    item = items.get(str(said.get("question")))
    operator = said.get("operator")
    if item is None or item["type"] in ("output", "file"):
        raise Unsaid
    answer = next((value for name, value in said.items() if name.startswith("answer")), None)
    key, kind = item["key"], item["type"]
    if operator == "exists":
        if kind == "choices":
            node: list[Any] = [">", ["count", key], ["number", "0"]]
            return node if answer else ["not", node]
        return ["distinct" if answer else "same", ["var", key], NULL]
    if operator not in SIGNS or answer is None:
        raise Unsaid
    if kind in ("choice", "choices"):
        return chosen(item, SIGNS[operator], answer, options)
    value = literal(kind, answer)
    if value is None:
        raise Unsaid
    return [SIGNS[operator], ["var", key], value]


def chosen(item: Mapping[str, Any], sign: str, answer: Any, options: Options) -> list[Any]:
    code = YES_NO[str(answer).lower()] if isinstance(answer, bool) else options.code_of(item, answer)
    if not code or sign not in ("=", "<>"):
        raise Unsaid
    if item["type"] == "choice":
        return [sign, ["var", item["key"]], ["text", code]]
    ticked = ["ticked", item["key"], code]
    return ticked if sign == "=" else ["and", [">", ["count", item["key"]], ["number", "0"]], ["not", ticked]]


def enable_when(node: Any, written: Mapping[str, Mapping[str, Any]], answer_of: Any) -> dict[str, Any] | None:
    """An expression as ``enableWhen``, where it is no more than comparisons of questions with values.

    `written` are the items by key with their `linkId`; `answer_of(item, literal)` gives the answer's name and value.
    """
    whole = comparison(node, written, answer_of)
    if whole is not None:
        return {"enableWhen": [whole]}
    how, parts = (node[0], node[1:]) if node[0] in ("and", "or") else ("and", [node])
    made = []
    for part in parts:
        said = comparison(part, written, answer_of)
        if said is None:
            return None
        made.append(said)
    found: dict[str, Any] = {"enableWhen": made}
    if len(made) > 1:
        found["enableBehavior"] = "any" if how == "or" else "all"
    return found


def comparison(node: Any, written: Mapping[str, Mapping[str, Any]], answer_of: Any) -> dict[str, Any] | None:
    head, *arguments = node
    if head == "ticked" and isinstance(arguments[0], str):
        item = written.get(arguments[0])
        return compared(item, "=", ["text", arguments[1]], answer_of) if item else None
    if head == ">" and len(arguments) == 2 and arguments[0][0] == "count" and arguments[1] == ["number", "0"]:
        item = written.get(arguments[0][1])
        return {"question": item["linkId"], "operator": "exists", "answerBoolean": True} if item else None
    if head == "not" and (said := comparison(arguments[0], written, answer_of)) and said["operator"] == "exists":
        return {**said, "answerBoolean": not said["answerBoolean"]}
    if head == "and" and len(arguments) == 2 and arguments[1][0] == "not" and arguments[1][1][0] == "ticked":
        key = arguments[1][1][1]
        if arguments[0] == [">", ["count", key], ["number", "0"]] and key in written:
            return compared(written[key], "!=", ["text", arguments[1][1][2]], answer_of)
        return None
    if len(arguments) != 2 or arguments[0][0] != "var" or not isinstance(arguments[1], list):
        return None
    item = written.get(arguments[0][1])
    if item is None:
        return None
    if arguments[1] == NULL and head in ("same", "distinct"):
        return {"question": item["linkId"], "operator": "exists", "answerBoolean": head == "distinct"}
    signs = {own: sign for sign, own in SIGNS.items()} | {"same": "="}
    if head not in signs or (head == "same" and arguments[1][0] not in ("number", "text", "date", "datetime", "time")):
        return None
    return compared(item, signs[head], arguments[1], answer_of)


def compared(item: Mapping[str, Any], sign: str, value: Any, answer_of: Any) -> dict[str, Any] | None:
    found = answer_of(item, value)
    return {"question": item["linkId"], "operator": sign, found[0]: found[1]} if found else None


