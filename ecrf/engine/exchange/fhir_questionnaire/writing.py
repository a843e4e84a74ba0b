"""From a definition to a questionnaire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.elements import Element
from ecrf.engine.exchange.fhir_questionnaire.extensions import said, texts
from ecrf.engine.exchange.fhir_questionnaire.phrases import Phrases
from ecrf.engine.exchange.fhir_questionnaire.valuesets import Sets
from ecrf.engine.exchange.losses import Losses
from ecrf.engine.exchange.names import key_of
from ecrf.engine.exchange.titles import title_of
from ecrf.engine.faults import Fault

FORM = frozenset({"format", "title", "description", "languages", "lists", "source", "pages"})
PAGE = frozenset({"key", "title", "visible_if", "repeats", "source", "groups"})
GROUP = frozenset({"title", "level", "matrix", "repeat", "source", "visible_if", "items"})


def write(definition: Definition) -> tuple[bytes, list[Fault]]:
    """The questionnaire, and what it can't say."""
    writer = Writer(definition)
    return json.dumps(writer.result(), ensure_ascii=False, indent=2).encode() + b"\n", writer.losses.faults


class Writer:
    def __init__(self, definition: Definition) -> None:
        self.data = definition.data
        self.language = str(self.data["languages"][0])
        self.losses = Losses()
        self.links = links_of(definition)
        self.sets = Sets(self)
        self.phrases = Phrases(self)
        self.items: list[dict[str, Any]] = []
        self.taken = {*self.links.values()}
        self.by_link: dict[str, dict[str, Any]] = {}
        self.repeats: dict[str, str] = {}
        """The key of the repeat that a group is, by its linkId."""
        self.page_links: dict[str, str] = {}
        """The page that a group is, by its linkId."""

    def result(self) -> dict[str, Any]:
        self.losses.properties("", self.data, FORM)
        source: Mapping[str, str] = self.data.get("source", {})
        made: dict[str, Any] = {"resourceType": "Questionnaire"}
        made |= {
            name.removeprefix("fhir."): json.loads(value)
            for name, value in source.items()
            if name.startswith("fhir.") and name not in ("fhir.name", "fhir.status") and not name.startswith("fhir.valueset.")
        }
        made["language"] = self.language
        title = next((text for text in self.data["title"].values() if text), "")
        made["name"] = source.get("fhir.name") or key_of(title, "form")
        made |= said("title", self.data["title"], self.language)
        made["status"] = source.get("fhir.status", "draft")
        made |= said("description", self.data.get("description", {}), self.language)
        for number, page in enumerate(self.data["pages"]):
            self.page(f"pages.{number}", page)
        if contained := self.sets.resources():
            made["contained"] = [*contained, *(made.get("contained") or [])]
        made["item"] = self.items
        return made

    def page(self, place: str, page: Mapping[str, Any]) -> None:
        self.losses.properties(place, page, PAGE)
        source = page.get("source", {})
        base: list[dict[str, Any]] = []
        if source.get("fhir.page") != "form":
            node = loaded(source.get("fhir.node"))[0] if "fhir.node" in source else self.fresh(page["key"], repeats="repeats" in page)
            if page["title"] != (texts(node, "text", self.language) or {self.language: node["linkId"]}):
                node = {**without(node, "text", "_text"), **said("text", page["title"], self.language)}
            base = [self.conditioned(node, [], page.get("visible_if"), f"{place}.visible_if")]
            self.page_links[base[0]["linkId"]] = page["key"]
        elif len(self.data["pages"]) > 1:
            self.losses.add(f"{place}.title", "title")
        shown: set[str] = set()
        for number, group in enumerate(page["groups"]):
            self.group(f"{place}.groups.{number}", base, group, shown)

    def fresh(self, name: str, *, repeats: bool = False) -> dict[str, Any]:
        """A group with a linkId that nothing else has."""
        number, link = 1, name
        while link in self.taken:
            number += 1
            link = f"{name}_{number}"
        self.taken.add(link)
        return {"linkId": link, "type": "group", **({"repeats": True} if repeats else {})}

    def group(self, place: str, base: list[dict[str, Any]], group: Mapping[str, Any], shown: set[str]) -> None:
        self.losses.properties(place, group, GROUP)
        path = loaded(group.get("source", {}).get("fhir.path"))
        title = group.get("title", {})
        if not path and any(name in group for name in ("title", "visible_if", "repeat", "matrix")):
            name = group["repeat"]["key"] if "repeat" in group else key_of(next(iter(title.values()), ""), "group")
            path = [self.fresh(name[:60], repeats="repeat" in group)]
            path[0] |= self.details(place, group)
        if path:
            unseen = [texts(node, "text", self.language) for node in path if node["linkId"] not in shown]
            fresh = path[-1]["linkId"] not in shown
            if fresh and title != title_of(unseen):
                path[-1] = {**without(path[-1], "text", "_text"), **said("text", title, self.language)}
            shown.update(node["linkId"] for node in path)
            path[-1] = self.conditioned(path[-1], path[:-1], group.get("visible_if"), f"{place}.visible_if")
            if "repeat" in group:
                self.repeats[path[-1]["linkId"]] = group["repeat"]["key"]
        for number, item in enumerate(group["items"]):
            within = loaded(item.get("source", {}).get("fhir.within"))
            where = self.inside([*base, *path, *within], item.get("source", {}).get("fhir.under", ""))
            element = Element(self, f"{place}.items.{number}", item, within).result()
            where.append(element)
            self.by_link[element["linkId"]] = element

    def details(self, place: str, group: Mapping[str, Any]) -> dict[str, Any]:
        """How often a group comes, and whether it is a table."""
        made: list[dict[str, Any]] = []
        if "matrix" in group:
            made.append({"url": known.CONTROL, "valueCodeableConcept": known.control("gtable")})
        for name, url in (("min", known.MIN_OCCURS), ("max", known.MAX_OCCURS)):
            if name in group.get("repeat", {}):
                made.append({"url": url, "valueInteger": group["repeat"][name]})
        if "row_title" in group.get("repeat", {}):
            self.losses.add(f"{place}.repeat.row_title", "row_title")
        return {"extension": made} if made else {}

    def inside(self, path: Sequence[dict[str, Any]], under: str) -> list[dict[str, Any]]:
        """The list of items of a group, made where it isn't there yet."""
        if under and under in self.by_link:
            items: list[dict[str, Any]] = self.by_link[under].setdefault("item", [])
            return items
        items = self.items
        for node in path:
            found = next((each for each in items if each["linkId"] == node["linkId"]), None)
            if found is None:
                found = {**node, "item": []}
                items.append(found)
            items = found.setdefault("item", [])
        return items

    def conditioned(
        self, node: dict[str, Any], around: Sequence[Mapping[str, Any]], condition: Any, place: str
    ) -> dict[str, Any]:
        """The node with the condition that the definition has now, as it was where that is the same."""
        if self.phrases.joined([*around, node]) == condition:
            return node
        bare = without(node, "enableWhen", "enableBehavior")
        bare["extension"] = [
            one for one in node.get("extension", ()) if one.get("url") not in (known.ENABLE, known.NATIVE)
        ]
        said_ = self.phrases.condition(condition, place) if condition else {}
        extension = [*bare.pop("extension"), *said_.pop("extension", [])]
        return {**bare, **said_, **({"extension": extension} if extension else {})}


def links_of(definition: Definition) -> dict[str, str]:
    return {key: item.spec.get("source", {}).get("fhir.linkId", key) for key, item in definition.items.items()}


def without(part: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in names}


def loaded(text: str | None) -> list[dict[str, Any]]:
    return json.loads(text) if text else []
