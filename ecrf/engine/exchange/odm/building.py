"""From the model of a study to our definition: events, pages, groups; items are built next door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ecrf.engine.exchange.odm import formulas
from ecrf.engine.exchange.odm.fields import ItemBuilder
from ecrf.engine.exchange.odm.keys import key_of, unique
from ecrf.engine.exchange.odm.model import Form, Group, Part, Study, Texts, Use, patched
from ecrf.engine.faults import Fault

CONDITION = "CollectionExceptionConditionOID"
KINDS = {"Unscheduled": "unscheduled", "Common": "common"}
MAX_LEVEL = 4


class Building:
    """`naked` leaves out what the file says beyond ODM: what another system would understand of it."""

    def __init__(self, study: Study, language: str, *, naked: bool = False) -> None:
        self.study, self.naked = study, naked
        languages = study.patch.get("set", {}).get("languages") or [language]
        self.language: str = str(languages[0])
        self.faults: list[Fault] = []
        self.remarks: list[Fault] = []
        self.pages: dict[str, str] = {}
        """OID of a form -> key of its page."""
        self.taken: set[str] = set()
        self.reached: set[str] = set()
        self.seen: list[str] = []
        self.items = ItemBuilder(self)

    def definition(self) -> dict[str, Any]:
        study = self.study
        nested, visited = self.nested(), {use.oid for event in study.events.values() for use in event.forms}
        forms = [form for form in study.forms.values() if form.oid not in nested or form.oid in visited]
        used: set[str] = set()
        for form in forms:
            self.pages[form.oid] = unique(key_of(form.oid), used)
            used.add(self.pages[form.oid].lower())
        pages = [self.page(form) for form in forms]
        for form in study.forms.values():
            if form.oid not in self.reached:
                self.fault(form.line, "ItemGroupDef", "circle", names=form.oid[:80])
        events = self.events()
        data: dict[str, Any] = {
            "format": 1,
            "title": {self.language: study.name},
            "languages": [*dict.fromkeys([self.language, *self.seen])],
            "pages": pages,
            "source": {
                "odm.study": study.oid,
                "odm.version": study.version,
                "odm.version_name": study.version_name,
                "odm.protocol": study.protocol,
                **study.extra,
            },
        }
        if study.description and study.description != study.name:
            data["description"] = {self.language: study.description}
        if events:
            data["events"] = events
        if study.arms:
            data["arms"] = [
                self.patch(arm, {"key": key_of(arm.oid), "title": {self.language: arm.name}}, f"ARM.{key_of(arm.oid)}")
                for arm in study.arms.values()
            ]
        return self.patched(data, study.patch)

    def patched(self, spec: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
        return spec if self.naked else patched(spec, patch)

    def nested(self) -> set[str]:
        return {
            use.oid
            for form in self.study.forms.values()
            for use, _ in form.groups
            if use.oid in self.study.forms and use.oid != form.oid
        }

    def texts(self, found: Texts, fallback: str = "") -> dict[str, str]:
        """The texts by language; those whose language isn't said are in the language of the study."""
        result = {}
        for code, text in found.items():
            language = code if not code or LANGUAGE.fullmatch(code) else code.lower()
            if language and not LANGUAGE.fullmatch(language):
                language = ""
            result[language or self.language] = text[:20_000]
            if language and language not in self.seen:
                self.seen.append(language)
        return result or ({self.language: fallback[:20_000]} if fallback else {})

    def fault(self, line: int, part: str, code: str, **params: object) -> None:
        self.faults.append(Fault(f"line {line}, {part}", code, {"row": line, "column": part, **params}))

    def remark(self, line: int, part: str, code: str, **params: object) -> None:
        self.remarks.append(Fault(f"line {line}, {part}", code, {"row": line, "column": part, **params}))

    def patch(self, part: Part, spec: dict[str, Any], default: str) -> dict[str, Any]:
        """With the OID where it isn't the one that we would give, what other systems say, and what ODM can't."""
        source = {**({"odm.oid": part.oid} if part.oid != default else {}), **part.extra}
        if source:
            spec["source"] = {**spec.get("source", {}), **source}
        return self.patched(spec, part.patch)

    def events(self) -> list[dict[str, Any]]:
        study = self.study
        for oid in study.order:
            if oid not in study.events:
                self.fault(study.line, "Protocol", "unknown_oid", name=oid[:80])
        ordered = [study.events[oid] for oid in study.order if oid in study.events]
        ordered += [event for oid, event in study.events.items() if oid not in study.order]
        found: list[dict[str, Any]] = []
        taken: set[str] = set()
        for event in ordered:
            key = unique(key_of(event.oid), taken)
            taken.add(key.lower())
            pages = []
            for use in event.forms:
                if use.oid in self.pages:
                    pages.append(self.pages[use.oid])
                else:
                    self.fault(use.line, "StudyEventDef", "unknown_oid", name=use.oid[:80])
            spec: dict[str, Any] = {"key": key, "title": self.texts({"": event.name}), "pages": [*dict.fromkeys(pages)]}
            if event.kind in KINDS:
                spec["kind"] = KINDS[event.kind]
            if event.repeats:
                spec["repeats"] = True
            if event.help:
                spec["source"] = {"odm.description": next(iter(event.help.values()))[:20_000]}
            arms = [key_of(arm.oid) for arm in study.arms.values() if event.oid in arm.events]
            if arms and len(arms) < len(study.arms):
                spec["arms"] = arms
            found.append(self.patch(event, spec, f"SE.{key}"))
        return found

    def page(self, form: Form) -> dict[str, Any]:
        key = self.pages[form.oid]
        spec: dict[str, Any] = {"key": key, "title": self.texts({"": form.name}), "groups": []}
        if form.help:
            spec["help"] = self.texts(form.help)
        if form.repeats:
            spec["repeats"] = True
        uses = [use for event in self.study.events.values() for use in event.forms if use.oid == form.oid]
        self.condition(spec, uses, spec)
        for number, (use, level) in enumerate(self.groups(form, 1), start=1):
            spec["groups"].append(self.group(form, use, level, number, spec))
        if not self.naked:
            spec["groups"] = [group for group in spec["groups"] if group["items"]]
        return self.patch(form, spec, f"F.{key}")

    def groups(self, form: Form, level: int, above: tuple[str, ...] = ()) -> list[tuple[Use, int]]:
        """The groups of a form, those inside groups (2.0) one after the other, deeper."""
        found: list[tuple[Use, int]] = []
        self.reached.add(form.oid)
        if form.oid in above:
            self.fault(form.line, "ItemGroupDef", "circle", names=" → ".join([*above, form.oid]))
            return found
        for use, _ in form.groups:
            inner = self.study.forms.get(use.oid)
            if inner is not None and use.oid != form.oid:
                found += self.groups(inner, level + 1, (*above, form.oid))
            elif use.oid in self.study.groups:
                found.append((use, level))
            else:
                self.fault(use.line, "FormDef", "unknown_oid", name=use.oid[:80])
        return found

    def group(self, form: Form, use: Use, level: int, number: int, page: dict[str, Any]) -> dict[str, Any]:
        group = self.study.groups[use.oid]
        default = f"IG.{self.pages[form.oid]}.{number}"
        spec: dict[str, Any] = {"items": []}
        if group.name and group.name != form.name:
            spec["title"] = self.texts({"": group.name})
        if group.help:
            spec["help"] = self.texts(group.help)
        if level > 1:
            spec["level"] = min(level, MAX_LEVEL)
        if group.repeats:
            spec["repeat"] = {"key": self.repeat_key(group)}
        self.condition(spec, [use], page)
        spec["items"] = self.items.of_group(group, self.pages[form.oid])
        for place, output in () if self.naked else group.patch.get("outputs", ()):
            spec["items"].insert(int(place), output)
        return self.patch(group, spec, default)

    def repeat_key(self, group: Group) -> str:
        key, pages = key_of(group.oid), {one.lower() for one in self.pages.values()}
        key = unique(f"{key}_rows" if key.lower() in pages else key, self.taken | pages)
        self.taken.add(key.lower())
        return key

    def condition(self, spec: dict[str, Any], uses: list[Use], page: dict[str, Any]) -> None:
        """A condition under which a part is left out is the contrary of ours, under which it is shown."""
        oids = {use.condition for use in uses}
        if len(oids) != 1 or oids == {""}:
            if len(oids) > 1:
                self.remark(uses[0].line, "FormRef", "conditions_differ")
            return
        node, foreign = self.expression(
            self.study.conditions, uses[0], uses[0].condition, "CollectionExceptionConditionOID"
        )
        if node is not None:
            spec["visible_if"] = node[1] if node[0] == "not" else ["not", node]
        for context, text in foreign:
            page.setdefault("unconverted", []).append({"what": f"left out if ({context})", "text": text[:20_000]})

    def expression(
        self, known: Mapping[str, Any], use: Use, oid: str, attribute: str
    ) -> tuple[Any, list[tuple[str, str]]]:
        """The tree of a formula, if one of its expressions is ours; else those that aren't, which is said."""
        formula = known.get(oid)
        if formula is None:
            self.remark(use.line, attribute, "unknown_oid", name=oid[:80])
            return None, []
        return self.read(formula.expressions, formula.line, formula.name)

    def read(self, expressions: list[tuple[str, str]], line: int, name: str) -> tuple[Any, list[tuple[str, str]]]:
        for context, text in expressions:
            if context == formulas.CONTEXT:
                try:
                    return formulas.read(text), []
                except formulas.Unreadable as error:
                    self.fault(line, "FormalExpression", "unreadable_expression", near=str(error)[:60])
                    return None, []
        for context, _ in expressions:
            self.remark(line, "FormalExpression", "foreign_expression", context=context[:60], name=name[:60])
        if not expressions:
            self.remark(line, "FormalExpression", "no_expression", name=name[:60])
        return None, expressions


LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
