"""What a question offers: options of its own, or a value set that the questionnaire contains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.extensions import dumped, first, texts, value_of
from ecrf.engine.exchange.names import code_of, key_of

if TYPE_CHECKING:
    from ecrf.engine.exchange.fhir_questionnaire.items import Reading

CODE = "fhir_code"
"""The attribute that holds the code of an option, where that can't be the choice's."""
KIND = "fhir_value"
"""The attribute that tells that an option isn't a coding: ``valueString``."""
SCORE = "score"


class Options:
    def __init__(self, data: Mapping[str, Any], language: str) -> None:
        self.language = language
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.keys: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        for one in data.get("contained", ()):
            if isinstance(one, Mapping) and one.get("resourceType") == "ValueSet" and one.get("id"):
                choices = numbered([self.choice("valueCoding", coding, {}) for coding in concepts(one)])
                if not choices:
                    continue
                key = key_of(str(one["id"]), "list")
                while key.lower() in {each.lower() for each in self.lists}:
                    key = f"{key}_2"
                self.keys[f"#{one['id']}"] = key
                self.lists[key] = choices
                self.sources[f"fhir.valueset.{key}"] = dumped(
                    {name: value for name, value in one.items() if name not in ("compose", "expansion")}
                )

    def give(self, reading: Reading) -> None:
        """Put the choices into the item; without any it is a text."""
        said = reading.said
        options = said.get("answerOption", ())
        where = str(said.get("answerValueSet", ""))
        if where in self.keys:
            reading.item["list"] = self.keys[where]
        elif options:
            made = [
                self.choice(next((name for name in one if name.startswith("value")), ""), value_of(one), one)
                for one in options
            ]
            reading.item["choices"] = numbered(made)
        else:
            reading.item["type"] = "text"
            reading.source["fhir.type"] = reading.kind
            if where:
                reading.source["fhir.answerValueSet"] = where
            reading.remark("answerValueSet", "choices_elsewhere", list=where[:200])

    def choice(self, kind: str, value: Any, option: Mapping[str, Any]) -> dict[str, Any]:
        attributes: dict[str, str] = {}
        coding = value if isinstance(value, Mapping) else {}
        if kind == "valueReference":
            coding = {"code": coding.get("reference", ""), "display": coding.get("display", "")}
        own = str(coding.get("code") or coding.get("display") or "") if coding else str(value)
        code = code_of(own)
        if code != own:
            attributes[CODE] = own[:200]
        if kind not in ("valueCoding", ""):
            attributes[KIND] = kind
        labels = texts(coding, "display", self.language) if coding else {self.language: own}
        made: dict[str, Any] = {"code": code, "label": labels or {self.language: own}}
        if coding.get("system") and coding.get("code"):
            made["codings"] = [{name: str(coding[name]) for name in ("system", "code") if coding.get(name)}]
        for part in (option, coding):
            score = first(part, known.ORDINAL)
            if score is not None:
                attributes[SCORE] = str(score)[:200]
        if first(option, known.EXCLUSIVE) is True:
            made["exclusive"] = True
        if attributes:
            made["attributes"] = attributes
        return made

    def selected(self, reading: Reading) -> Any:
        chosen = [one for one in reading.said.get("answerOption", ()) if one.get("initialSelected") is True]
        return value_of(chosen[0]) if len(chosen) == 1 else None

    def code_of(self, item: Mapping[str, Any], value: Any) -> str:
        """The choice of an item that an answer means."""
        coding = value if isinstance(value, Mapping) else {"code": value}
        own = str(coding.get("code") or coding.get("display") or coding.get("reference") or "")
        for choice in item.get("choices") or self.lists.get(item.get("list", ""), ()):
            system = choice.get("codings", [{}])[0].get("system")
            same = choice.get("attributes", {}).get(CODE, choice["code"]) == own
            if same and (not coding.get("system") or system in (None, coding["system"])):
                return str(choice["code"])
        return ""


def concepts(value_set: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a value set lists; filters and other value sets would have to be asked of a server."""
    expansion = (value_set.get("expansion") or {}).get("contains", ())
    if expansion:
        yield from expansion
        return
    for include in (value_set.get("compose") or {}).get("include", ()):
        for concept in include.get("concept", ()):
            made = {**concept, "system": include.get("system")}
            for one in concept.get("designation", ()):
                if one.get("language") and one.get("value"):
                    made.setdefault("_display", {"extension": []})["extension"].append(
                        {
                            "url": known.TRANSLATION,
                            "extension": [
                                {"url": "lang", "valueCode": one["language"]},
                                {"url": "content", "valueString": one["value"]},
                            ],
                        }
                    )
            yield made


def numbered(choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same code of two systems is two choices."""
    taken: set[str] = set()
    for choice in choices:
        code, number = choice["code"], 1
        while choice["code"] in taken:
            number += 1
            choice["code"] = f"{code[:90]}_{number}"
        if number > 1:
            choice.setdefault("attributes", {}).setdefault(CODE, code)
        taken.add(choice["code"])
    return choices
