"""From our definition to the model of a study: every part under its OID, shared parts once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ecrf.engine.exchange.odm import formulas
from ecrf.engine.exchange.odm.fields import LITERALS, SIGNS, TYPES, literal
from ecrf.engine.exchange.odm.keys import unique
from ecrf.engine.exchange.odm.model import (
    Arm,
    Check,
    CodeList,
    Event,
    Form,
    Formula,
    Group,
    Item,
    Part,
    Study,
    Use,
)

KINDS = {"unscheduled": "Unscheduled", "common": "Common"}
DATA_TYPES = {
    "text": "text",
    "integer": "integer",
    "decimal": "float",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "partial_date": "partialDate",
    "choice": "text",
    "choices": "text",
    "file": "text",
}
NOT_EXTRA = frozenset(
    {"odm.oid", "odm.name", "odm.type", "odm.length", "odm.digits", "odm.unit", "odm.codelist", "odm.codes"}
    | {"odm.codelist_type", "odm.description", "odm.study", "odm.version", "odm.version_name", "odm.protocol"}
)
ALL = "SE.all"
"""The event under which pages stand where a study has no events: ODM has no form without one."""
AnyPart = TypeVar("AnyPart", bound=Part)
Patches = Mapping[tuple[object, ...], dict[str, Any]]
"""Place of a part in the definition -> its patch."""


class Splitting:
    """`boxes`: items with several values are one item per choice."""

    def __init__(self, data: Mapping[str, Any], patches: Patches, *, boxes: bool) -> None:
        self.data, self.patches, self.boxes = data, patches, boxes
        self.language = data["languages"][0]
        self.oids: set[str] = set()
        self.places: dict[tuple[str, str], tuple[str, str]] = {}
        """Page and item -> OIDs of its group and of itself."""
        self.forms: dict[str, str] = {}
        source = data.get("source", {})
        name = self.text(data["title"]) or "Study"
        self.study = Study(
            source.get("odm.study") or "S.1",
            name,
            description=self.text(data.get("description", {})) or name,
            protocol=source.get("odm.protocol") or name,
            version=source.get("odm.version") or "MDV.1",
            version_name=source.get("odm.version_name") or name,
            patch=patches.get((), {}),
            extra=extra(source),
        )

    def text(self, texts: Mapping[str, str]) -> str:
        return texts.get(self.language) or next((text for text in texts.values() if text), "")

    def model(self) -> Study:
        for p, page in enumerate(self.data["pages"]):
            self.page(page, p)
        for arm in self.data.get("arms", ()):
            oid = arm.get("source", {}).get("odm.oid") or f"ARM.{arm['key']}"
            self.study.arms[oid] = Arm(oid, self.text(arm["title"]) or arm["key"])
        for e, event in enumerate(self.data.get("events", ())):
            self.event(event, e)
        if not self.data.get("events"):
            uses = [self.form_use(page) for page in self.data["pages"]]
            self.study.events[ALL] = Event(ALL, self.study.name, kind="Common", forms=uses)
        self.study.order = list(self.study.events)
        return self.study

    def keep(self, known: dict[str, AnyPart], part: AnyPart, again: str) -> AnyPart:
        """Put a part under its OID; under another one where something else has it already."""
        if part.oid in known and known[part.oid] == part:
            return known[part.oid]
        if part.oid in self.oids:
            taken = {oid.lower() for oid in self.oids}
            part = replace(part, oid=unique(f"{part.oid}.{again}", taken))
            known_again = known.get(part.oid)
            if known_again == part:
                return known_again
        self.oids.add(part.oid)
        known[part.oid] = part
        return part

    def event(self, event: Mapping[str, Any], place: int) -> None:
        source = event.get("source", {})
        oid = source.get("odm.oid") or f"SE.{event['key']}"
        pages = {page["key"]: page for page in self.data["pages"]}
        found = Event(
            oid,
            self.text(event["title"]) or event["key"],
            help={self.language: source["odm.description"]} if "odm.description" in source else {},
            extra=extra(source),
            patch=self.patches.get(("event", place), {}),
            kind=KINDS.get(event.get("kind", ""), "Scheduled"),
            repeats="repeats" in event,
            forms=[self.form_use(pages[key]) for key in event["pages"]],
        )
        found = self.keep(self.study.events, found, event["key"])
        arms = event.get("arms") or [arm["key"] for arm in self.data.get("arms", ())]
        for spec, arm in zip(self.data.get("arms", ()), self.study.arms.values(), strict=True):
            if spec["key"] in arms:
                arm.events.append(found.oid)

    def form_use(self, page: Mapping[str, Any]) -> Use:
        return Use(self.forms[page["key"]], condition=self.condition(page))

    def page(self, page: Mapping[str, Any], p: int) -> None:
        source = page.get("source", {})
        here = any(page["key"] in event.get("repeating_pages", ()) for event in self.data.get("events", ()))
        form = Form(
            source.get("odm.oid") or f"F.{page['key']}",
            self.text(page["title"]) or page["key"],
            help=dict(page.get("help", {})),
            extra=extra(source),
            patch=self.patches.get((p,), {}),
            repeats="repeats" in page or here,
        )
        for g, spec in enumerate(page["groups"]):
            group = self.group(page, form, spec, p, g)
            form.groups.append((Use(group.oid, condition=self.condition(spec)), 1))
        self.forms[page["key"]] = self.keep(self.study.forms, form, page["key"]).oid

    def group(self, page: Mapping[str, Any], form: Form, spec: Mapping[str, Any], p: int, g: int) -> Group:
        source = spec.get("source", {})
        outputs = [[place, item] for place, item in enumerate(spec["items"]) if item["type"] == "output"]
        patch = dict(self.patches.get((p, g), {})) | ({"outputs": outputs} if outputs else {})
        group = Group(
            source.get("odm.oid") or f"IG.{page['key']}.{g + 1}",
            self.text(spec.get("title", {})) or form.name,
            help=dict(spec.get("help", {})),
            extra=extra(source),
            patch=patch,
            repeats="repeat" in spec,
        )
        asked = [item for item in spec["items"] if item["type"] != "output"]
        kept = []
        for i, item in enumerate(asked):
            uses = self.item(item, self.patches.get((p, g, i), {}))
            kept.append((item["key"], uses))
            group.items += uses
        group = self.keep(self.study.groups, group, page["key"])
        for key, uses in kept:
            self.places[page["key"], key] = (group.oid, uses[0].oid)
        return group

    def item(self, spec: Mapping[str, Any], patch: dict[str, Any]) -> list[Use]:
        """The references to an item: one, or one per box."""
        use = Use(
            "",
            mandatory="required" in spec,
            condition=self.condition(spec),
            method=self.method(spec),
            repeats=spec["type"] == "choices",
        )
        if spec["type"] == "choices" and self.boxes:
            return [replace(use, oid=box.oid, repeats=False) for box in self.box_items(spec, patch)]
        source = spec.get("source", {})
        kind = source.get("odm.type", "")
        choices = offered(self.data, spec)
        if kind == "boolean" and "odm.codelist" not in source and {one["code"] for one in choices} == {"0", "1"}:
            choices = ()
        item = Item(
            source.get("odm.oid") or f"I.{spec['key']}",
            source.get("odm.name") or spec["key"],
            help=dict(spec.get("help", {})),
            extra=extra(source),
            patch=patch,
            kind=kind if kind and (choices or TYPES.get(kind, "text") == spec["type"]) else DATA_TYPES[spec["type"]],
            length=spec.get("max_length") or number(source.get("odm.length")),
            digits=spec.get("decimals") or number(source.get("odm.digits")),
            label=dict(spec["label"]),
            units=self.unit(spec),
            checks=self.checks(spec),
            codes=self.code_list(spec, choices) if choices else "",
        )
        return [replace(use, oid=self.keep(self.study.items, item, spec["key"]).oid)]

    def box_items(self, spec: Mapping[str, Any], patch: dict[str, Any]) -> list[Item]:
        found: list[Item] = []
        for choice in offered(self.data, spec):
            own: dict[str, Any] = {"box": [spec["key"], choice["code"]]}
            if not found and patch:
                own["of"] = patch
            item = Item(
                f"I.{spec['key']}.{choice['code']}",
                f"{spec['key']}.{choice['code']}",
                help=dict(choice["label"]) or {self.language: choice["code"]},
                patch=own,
                kind="boolean",
                label=dict(spec["label"]),
                box=(spec["key"], choice["code"]),
            )
            found.append(self.keep(self.study.items, item, spec["key"]))
        return found

    def unit(self, spec: Mapping[str, Any]) -> list[str]:
        if "unit" not in spec:
            return []
        oid = spec.get("source", {}).get("odm.unit") or f"MU.{spec['unit']}"
        self.study.units[oid] = (spec["unit"], {self.language: spec["unit"]})
        return [oid]

    def checks(self, spec: Mapping[str, Any]) -> list[Check]:
        hard = spec.get("range") == "block"
        found = [
            Check(comparator, [spec[name][1]], [], hard, {})
            for name, comparator in (("min", "GE"), ("max", "LE"))
            if spec.get(name, [""])[0] == LITERALS.get(spec["type"]) and isinstance(spec[name][1], str)
        ]
        for check in spec.get("checks", ()):
            comparator, values = constants(spec, check["holds"])
            ours = [] if comparator else [(formulas.CONTEXT, formulas.write(check["holds"]))]
            found.append(Check(comparator, values, ours, check["severity"] == "block", dict(check["message"])))
        return found

    def code_list(self, spec: Mapping[str, Any], choices: Any) -> str:
        source = spec.get("source", {})
        theirs = foreign_codes(spec)
        codes = CodeList(
            source.get("odm.codelist") or (f"CL.{spec['list']}" if "list" in spec else f"CL.{spec['key']}"),
            spec.get("list") or spec["key"],
            kind=source.get("odm.codelist_type", "text"),
            items=[(theirs.get(one["code"], one["code"]), dict(one["label"])) for one in choices],
        )
        known = self.study.lists.get(codes.oid)
        if known is not None and known.items == codes.items and known.kind == codes.kind:
            return known.oid
        return self.keep(self.study.lists, codes, spec["key"]).oid

    def condition(self, part: Mapping[str, Any]) -> str:
        if "visible_if" not in part:
            return ""
        return self.formula(self.study.conditions, "C", ["not", part["visible_if"]], "")

    def method(self, spec: Mapping[str, Any]) -> str:
        return self.formula(self.study.methods, "M", spec["calc"], "Computation") if "calc" in spec else ""

    def formula(self, known: dict[str, Formula], letter: str, node: Any, kind: str) -> str:
        text = formulas.write(node)
        for oid, formula in known.items():
            if formula.expressions[0][1] == text:
                return oid
        number, oid = len(known), ""
        while not oid or oid in self.oids:
            number += 1
            oid = f"{letter}.{number}"
        self.oids.add(oid)
        known[oid] = Formula(oid, oid, expressions=[(formulas.CONTEXT, text)], kind=kind)
        return oid


def constants(spec: Mapping[str, Any], node: Any) -> tuple[str, list[str]]:
    """What compares the item with constants, as ODM says it; nothing for another expression."""
    negated = node[0] == "not" and node[1][0] in ("or", "=")
    inner = node[1] if negated else node
    parts = list(inner[1:]) if inner[0] == "or" else [inner]
    sign = next((name for name, sign in SIGNS.items() if sign == inner[0]), "") if inner[0] != "or" else "EQ"
    kind, values = LITERALS.get(spec["type"], "text"), []
    for part in parts:
        if len(part) != 3 or part[1] != ["var", spec["key"]] or part[0] != SIGNS.get(sign) or part[2][0] != kind:
            return "", []
        if not isinstance(part[2][1], str) or not part[2][1] or literal(kind, part[2][1]) != part[2]:
            return "", []
        values.append(part[2][1])
    if spec["type"] in ("choices", "file", "partial_date") or (sign not in ("EQ", "NE") and kind == "text"):
        return "", []
    return ("NOTIN" if negated else "IN") if negated or inner[0] == "or" else sign, values


def extra(source: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in source.items() if key.startswith("odm.") and key not in NOT_EXTRA}


def foreign_codes(spec: Mapping[str, Any]) -> dict[str, str]:
    """Our codes -> those of the file from which the item came, where they differ."""
    try:
        found = json.loads(spec.get("source", {}).get("odm.codes", "{}"))
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(code) for key, code in found.items()} if isinstance(found, dict) else {}


def offered(data: Mapping[str, Any], spec: Mapping[str, Any]) -> Any:
    return spec.get("choices") or data.get("lists", {}).get(spec.get("list", ""), ())


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
