"""Items of a study in ODM as ours: types, choices, limits, checks; boxes become one item with several values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ecrf.engine import moments, numbers
from ecrf.engine.exchange.odm.keys import code_of, key_of, unique
from ecrf.engine.exchange.odm.model import Check, CodeList, Group, Item, Use

if TYPE_CHECKING:
    from ecrf.engine.exchange.odm.building import Building

TYPES = {
    "text": "text",
    "string": "text",
    "URI": "text",
    "integer": "integer",
    "float": "decimal",
    "double": "decimal",
    "decimal": "decimal",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "partialDate": "partial_date",
    "incompleteDate": "partial_date",
    "boolean": "choice",
    "base64Binary": "file",
    "hexBinary": "file",
}
AS_TEXT = frozenset({"partialTime", "partialDatetime", "durationDatetime", "intervalDatetime", "incompleteDatetime"})
AS_TEXT |= {"incompleteTime", "hexFloat", "base64Float"}
SIGNS = {"LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "EQ": "=", "NE": "<>"}
LITERALS = {"integer": "number", "decimal": "number", "date": "date", "datetime": "datetime", "time": "time"}
MAX_LENGTH = 100_000
MAX_UNIT = 40


class ItemBuilder:
    def __init__(self, building: Building) -> None:
        self.building, self.study = building, building.study

    def of_group(self, group: Group, page: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        boxes: dict[str, dict[str, Any]] = {}
        for use in group.items:
            item = self.study.items.get(use.oid)
            if item is None:
                self.building.fault(use.line, "ItemRef", "unknown_oid", name=use.oid[:80])
            elif item.box is None:
                found.append(self.item(use, item, page))
            elif item.box[0] in boxes:
                boxes[item.box[0]]["choices"].append(self.choice(item))
            else:
                boxes[item.box[0]] = first = self.boxes(use, item)
                found.append(first)
        patches = {
            item.box[0]: item.patch
            for use in group.items
            if (item := self.study.items.get(use.oid)) and item.box and "of" in item.patch
        }
        return [
            self.building.patched(spec, patches.get(spec["key"], {}).get("of", {})) if spec["key"] in boxes else spec
            for spec in found
        ]

    def boxes(self, use: Use, item: Item) -> dict[str, Any]:
        assert item.box is not None
        self.building.taken.add(item.box[0].lower())
        spec: dict[str, Any] = {
            "key": item.box[0],
            "type": "choices",
            "label": self.building.texts(item.label, item.name),
            "choices": [self.choice(item)],
        }
        self.reference(spec, use)
        return spec

    def choice(self, item: Item) -> dict[str, Any]:
        assert item.box is not None
        return {"code": item.box[1], "label": self.building.texts(item.help, item.box[1])}

    def item(self, use: Use, item: Item, page: str) -> dict[str, Any]:
        building = self.building
        key = self.key(item, page)
        spec: dict[str, Any] = {"key": key, "type": self.kind(item), "label": building.texts(item.label, item.name)}
        source: dict[str, str] = {}
        if item.name != key:
            source["odm.name"] = item.name
        if item.help:
            spec["help"] = building.texts(item.help)
        self.lengths(spec, source, item)
        self.unit(spec, source, item)
        self.choices(spec, source, item, use)
        for check in item.checks:
            self.check(spec, check, key)
        self.reference(spec, use)
        if source:
            spec["source"] = source
        return building.patch(item, spec, f"I.{key}")

    def key(self, item: Item, page: str) -> str:
        """From the OID; an item that is asked on several pages has their names in its further keys."""
        taken = self.building.taken
        wanted = key_of(item.oid)
        key = wanted if wanted.lower() not in taken else unique(f"{wanted}_{page}"[:95], taken)
        taken.add(key.lower())
        return key

    def kind(self, item: Item) -> str:
        if item.kind in AS_TEXT:
            self.building.remark(item.line, "ItemDef", "type_as_text", type=item.kind, name=item.name[:60])
        elif item.kind not in TYPES:
            self.building.fault(item.line, "ItemDef", "unknown_field_type", name=item.kind[:40])
        return "choice" if item.codes else TYPES.get(item.kind, "text")

    def lengths(self, spec: dict[str, Any], source: dict[str, str], item: Item) -> None:
        if item.kind not in ("text", "float", "decimal", "integer", "date", "datetime", "time", "partialDate"):
            source["odm.type"] = item.kind
        if item.length is not None and spec["type"] == "text" and 0 < item.length <= MAX_LENGTH:
            spec["max_length"] = item.length
        elif item.length is not None:
            source["odm.length"] = str(item.length)
        if item.digits is not None and spec["type"] == "decimal" and 1 <= item.digits <= 12:
            spec["decimals"] = item.digits
        elif item.digits is not None:
            source["odm.digits"] = str(item.digits)

    def unit(self, spec: dict[str, Any], source: dict[str, str], item: Item) -> None:
        if not item.units:
            return
        oid = item.units[0]
        if oid not in self.study.units:
            self.building.remark(item.line, "MeasurementUnitRef", "unknown_oid", name=oid[:80])
            return
        name, symbols = self.study.units[oid]
        spec["unit"] = (next(iter(symbols.values()), "") or name)[:MAX_UNIT]
        if oid != f"MU.{spec['unit']}":
            source["odm.unit"] = oid
        if len(item.units) > 1:
            self.building.remark(item.line, "MeasurementUnitRef", "further_units", name=item.name[:60])

    def choices(self, spec: dict[str, Any], source: dict[str, str], item: Item, use: Use) -> None:
        if not item.codes:
            if spec["type"] == "choice":  # a boolean
                spec |= {"look": "yesno", "choices": yes_no(self.building.language)}
            return
        codes = self.study.lists.get(item.codes)
        if codes is None:
            self.building.remark(item.line, "CodeListRef", "unknown_oid", name=item.codes[:80])
            spec["type"] = TYPES.get(item.kind, "text") if item.kind != "boolean" else "text"
            source["odm.codelist"] = item.codes
            return
        if codes.external or not codes.items:
            self.building.remark(codes.line, "CodeList", "external_codes", name=codes.name[:60])
            spec["type"] = TYPES.get(item.kind, "text")
            source["odm.codelist"] = codes.oid
            return
        if item.kind not in ("text", "string"):
            source["odm.type"] = item.kind
        if use.repeats:
            spec["type"] = "choices"
        spec["choices"] = self.coded(codes, source)
        if codes.oid != f"CL.{spec['key']}":
            source["odm.codelist"] = codes.oid
        if codes.kind != "text":
            source["odm.codelist_type"] = codes.kind

    def coded(self, codes: CodeList, source: dict[str, str]) -> list[dict[str, Any]]:
        ours: dict[str, str] = {}
        for code, _ in codes.items:
            if code in ours.values():
                self.building.fault(codes.line, "CodeList", "choice_twice", choice=code[:60])
                continue
            ours[code_of(code, ours)] = code
        if different := {mine: code for mine, code in ours.items() if mine != code}:
            source["odm.codes"] = json.dumps(different, ensure_ascii=False)[:20_000]
        labels = dict(codes.items)
        return [{"code": mine, "label": self.building.texts(labels[code], code)} for mine, code in ours.items()]

    def reference(self, spec: dict[str, Any], use: Use) -> None:
        """What holds for the item where it stands: mandatory, left out, computed."""
        building = self.building
        if use.condition:
            node, foreign = building.expression(
                self.study.conditions, use, use.condition, "CollectionExceptionConditionOID"
            )
            if node is not None:
                spec["visible_if"] = node[1] if node[0] == "not" else ["not", node]
            self.keep(spec, "left out if", foreign)
        if use.method:
            node, foreign = building.expression(self.study.methods, use, use.method, "MethodOID")
            if node is not None:
                spec["calc"] = node
            self.keep(spec, "method", foreign)
            method = self.study.methods.get(use.method)
            if foreign and method is not None and method.kind == "Computation":
                spec["readonly"] = True  # what can't be computed here is typed by nobody
        if use.mandatory and "calc" not in spec and "readonly" not in spec:
            spec["required"] = True

    def keep(self, spec: dict[str, Any], what: str, foreign: list[tuple[str, str]]) -> None:
        for context, text in foreign:
            spec.setdefault("unconverted", []).append({"what": f"{what} ({context})", "text": text[:20_000]})

    def check(self, spec: dict[str, Any], check: Check, key: str) -> None:
        """A limit becomes `min` or `max`, anything else a check of its own."""
        severity = "block" if check.hard else "warn"
        if check.expressions:
            node, foreign = self.building.read(check.expressions, check.line, key)
            self.keep(spec, "check", foreign)
            if node is None:
                return
        else:
            node = self.constant(spec, check, key)
            if node is None:
                return
            limit = {">=": "min", "<=": "max"}.get(str(node[0]))
            if limit and limit not in spec and spec.get("range", severity) == severity and spec["type"] in LITERALS:
                spec[limit], spec["range"] = node[2], severity
                return
        message = self.building.texts(check.message, f"{check.comparator} {', '.join(check.values)}".strip())
        number = len(spec.get("checks", ())) + 1
        found = {"key": f"check_{number}", "holds": node, "severity": severity, "message": message}
        spec.setdefault("checks", []).append(found)

    def constant(self, spec: dict[str, Any], check: Check, key: str) -> Any:
        kind = LITERALS.get(spec["type"], "text")
        values = [literal(kind, value) for value in check.values]
        if None in values or not values or spec["type"] in ("choices", "file", "output", "partial_date"):
            self.building.remark(check.line, "RangeCheck", "range_not_read", name=key)
            return None
        if check.comparator in ("IN", "NOTIN"):
            equal = [["=", ["var", key], value] for value in values]
            among: list[Any] = ["or", *equal] if len(equal) > 1 else equal[0]
            return among if check.comparator == "IN" else ["not", among]
        sign = SIGNS.get(check.comparator)
        if sign is None or (sign not in ("=", "<>") and kind == "text"):
            self.building.remark(check.line, "RangeCheck", "range_not_read", name=key)
            return None
        return [sign, ["var", key], values[0]]


def literal(kind: str, text: str) -> Any:
    if kind == "text":
        return ["text", text]
    if kind == "number":
        number = numbers.parse(text.strip())
        return None if number is None else ["number", numbers.write(number)]
    read = {"date": moments.parse_date, "datetime": moments.parse_datetime, "time": moments.parse_time}[kind]
    return [kind, text.strip()] if read(text.strip()) else None


def yes_no(language: str) -> list[dict[str, Any]]:
    words = {"1": {"en": "Yes", "fr": "Oui"}, "0": {"en": "No", "fr": "Non"}}
    return [{"code": code, "label": {language: texts.get(language, texts["en"])}} for code, texts in words.items()]
