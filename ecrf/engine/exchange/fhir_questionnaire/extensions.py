"""Addresses of extensions, and reading and making them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
TRANSLATION = f"{CORE}translation"
MIN, MAX = f"{CORE}minValue", f"{CORE}maxValue"
DECIMALS = f"{CORE}maxDecimalPlaces"
REGEX = f"{CORE}regex"
ENTRY = f"{CORE}entryFormat"
HIDDEN = f"{CORE}questionnaire-hidden"
CONTROL = f"{CORE}questionnaire-itemControl"
UNIT = f"{CORE}questionnaire-unit"
UNITS = f"{CORE}questionnaire-unitOption"
ORIENTATION = f"{CORE}questionnaire-choiceOrientation"
STEP = f"{CORE}questionnaire-sliderStepValue"
MIN_OCCURS, MAX_OCCURS = f"{CORE}questionnaire-minOccurs", f"{CORE}questionnaire-maxOccurs"
CONSTRAINT = f"{CORE}questionnaire-constraint"
EXCLUSIVE = f"{CORE}questionnaire-optionExclusive"
ORDINAL = f"{CORE}ordinalValue"
SIGNATURE = f"{CORE}questionnaire-signatureRequired"
ENABLE = f"{SDC}enableWhenExpression"
CALCULATED = f"{SDC}calculatedExpression"
INITIAL = f"{SDC}initialExpression"
NATIVE = "urn:ecrf:native-expression"
"""Within an Expression: the same in our own words, so that nothing is lost on the way back."""
CONTROL_SYSTEM = "http://hl7.org/fhir/questionnaire-item-control"
YES_NO_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0136"
CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
"""A language that a definition can name."""
UCUM = "http://unitsofmeasure.org"


def found(part: Mapping[str, Any], url: str) -> Iterator[Any]:
    """The values of the extensions with this address, of whatever type."""
    for one in part.get("extension", ()):
        if isinstance(one, Mapping) and one.get("url") == url:
            yield value_of(one)


def first(part: Mapping[str, Any], url: str) -> Any:
    return next(found(part, url), None)


def value_of(one: Mapping[str, Any]) -> Any:
    """``valueInteger``, ``valueCoding``: a choice of types is a name that begins the same."""
    return next((value for name, value in one.items() if name.startswith("value")), None)


def complex_found(part: Mapping[str, Any], url: str) -> Iterator[Mapping[str, Any]]:
    for one in part.get("extension", ()):
        if isinstance(one, Mapping) and one.get("url") == url:
            yield one


def codes(value: Any) -> list[str]:
    """The codes of a CodeableConcept."""
    return [str(one.get("code", "")) for one in (value or {}).get("coding", ())] if isinstance(value, Mapping) else []


def texts(part: Mapping[str, Any], name: str, language: str) -> dict[str, str]:
    """A text and its translations."""
    made = {language: str(part[name])} if part.get(name) else {}
    for one in complex_found(part.get(f"_{name}") or {}, TRANSLATION):
        code, content = first(one, "lang"), first(one, "content")
        if content and CODE.fullmatch(str(code)):
            made[str(code)] = str(content)
    return made


def said(name: str, words: Mapping[str, str], language: str) -> dict[str, Any]:
    """A text as its element, with its translations beside it."""
    text = words.get(language) or next((text for text in words.values() if text), "")
    made: dict[str, Any] = {name: text} if text else {}
    translations = [
        {"url": TRANSLATION, "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": each}]}
        for code, each in words.items()
        if each and code != language
    ]
    if translations and text:
        made[f"_{name}"] = {"extension": translations}
    return made


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def property_of(part: Mapping[str, Any], name: str) -> str:
    """What our own words say of a property that FHIR has no exact word for."""
    said = (one for one in complex_found(part, NATIVE) if first(one, "property") == name)
    return str(next((first(one, "expression") for one in said), ""))


def native(name: str, expression: str) -> dict[str, Any]:
    parts = [{"url": "property", "valueCode": name}, {"url": "expression", "valueString": expression}]
    return {"url": NATIVE, "extension": parts}


def control(code: str) -> dict[str, Any]:
    return {"coding": [{"system": CONTROL_SYSTEM, "code": code}]}
