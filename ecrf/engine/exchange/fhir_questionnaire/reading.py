"""From a questionnaire to a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.exchange.fhir_questionnaire import extensions as known
from ecrf.engine.exchange.fhir_questionnaire.enabling import Unsaid, condition
from ecrf.engine.exchange.fhir_questionnaire.expressions import Formulas
from ecrf.engine.exchange.fhir_questionnaire.extensions import CONTROL, codes, dumped, first, texts
from ecrf.engine.exchange.fhir_questionnaire.items import Reading
from ecrf.engine.exchange.fhir_questionnaire.kinds import TABLES
from ecrf.engine.exchange.fhir_questionnaire.options import Options
from ecrf.engine.exchange.fhir_questionnaire.structure import Node, Question, opened, questions
from ecrf.engine.exchange.names import Keys, key_of
from ecrf.engine.exchange.titles import title_of
from ecrf.engine.faults import Fault, Refused

KNOWN = frozenset({"resourceType", "title", "_title", "name", "description", "language", "item", "status", "contained"})
FORM_PAGE = "form"


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    """The data of the definition, and what of the questionnaire it doesn't say. Raises Refused with every fault."""
    data = opened(content)
    try:
        return Form(data, language).result()
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        # parts of other types than FHIR gives them
        detail = f"{type(error).__name__}: {error}"[:200]
        raise Refused([Fault("file", "not_a_questionnaire", {"detail": detail})]) from None


class Form:
    def __init__(self, data: Mapping[str, Any], language: str) -> None:
        self.data = data
        said = str(data.get("language", ""))
        self.language = said if known.CODE.fullmatch(said) else language
        self.options = Options(data, self.language)
        self.found = questions(data)
        self.paged = all(question.path for question in self.found)
        nodes = {id(node): node for question in self.found for node in question.path}
        repeats = [node.link for node in nodes.values() if node.repeats]
        self.keys = Keys([*(question.link for question in self.found), *repeats])
        self.readings = [
            Reading(
                question,
                self.keys.give(question.link, [node.link for node in question.path]),
                self.language,
                self.options,
            )
            for question in self.found
        ]
        self.by_link = {reading.question.link: reading.item for reading in self.readings}
        self.formulas = Formulas(self.readings, self.options.lists)
        self.repeat_keys: dict[int, str] = {}
        self.remarks: list[Fault] = []

    def result(self) -> tuple[dict[str, Any], list[Fault]]:
        self.remarks += self.twice()
        for reading in self.readings:
            if node := self.condition(reading.said, reading.question.place, reading):
                reading.item["visible_if"] = node
            self.formulas.settle(reading)
        pages = self.pages()
        for reading in self.readings:
            if reading.source:
                reading.item["source"] = reading.source | reading.item.get("source", {})
            self.remarks += reading.remarks
        title = texts(self.data, "title", self.language)
        if not title:
            title = {self.language: str(self.data.get("name", ""))}
        made: dict[str, Any] = {"format": 1, "title": title, "languages": [], "pages": pages}
        if description := texts(self.data, "description", self.language):
            made["description"] = description
        used = {reading.item.get("list") for reading in self.readings}
        if lists := {key: choices for key, choices in self.options.lists.items() if key in used}:
            made["lists"] = lists
        source = {f"fhir.{name}": dumped(value) for name, value in self.data.items() if name not in KNOWN}
        source |= {f"fhir.{name}": str(self.data[name]) for name in ("name", "status") if self.data.get(name)}
        source |= {name: value for name, value in self.options.sources.items() if name.rpartition(".")[2] in lists}
        if source:
            made["source"] = source
        made["languages"] = [*dict.fromkeys([self.language, *languages_in(made)])]
        for page in pages:
            if not any(page["title"].values()):
                page["title"] = dict(title)
        return made, self.remarks

    def twice(self) -> list[Fault]:
        links = [question.link for question in self.found]
        seen: set[str] = set()
        made = []
        for question in self.found:
            if links.count(question.link) > 1 and question.link in seen:
                made.append(Fault(f"{question.place}.linkId", "name_again", {"name": question.link[:80]}))
            seen.add(question.link)
        return made

    def condition(self, said: Mapping[str, Any], place: str, reading: Reading | None = None) -> Any:
        """The expression of ``enableWhen``, or what a more exact extension says; None, and a remark, where unsaid."""
        native = known.property_of(said, "visible_if")
        if native and (node := self.formulas.native(native, "boolean")) is not None:
            return node
        try:
            node = condition(said, self.by_link, self.options)
        except Unsaid:
            self.remarks.append(Fault(f"{place}.enableWhen", "formula_kept", {"text": dumped(said["enableWhen"])[:200]}))
            if reading is not None:
                reading.source["fhir.enableWhen"] = dumped(
                    {name: said[name] for name in ("enableWhen", "enableBehavior") if name in said}
                )
            return None
        expression = first(said, known.ENABLE)
        if node is None and expression is not None:
            node, remarks = self.formulas.tree(expression, "boolean", f"{place}.enableWhenExpression")
            self.remarks += remarks
            if node is None and reading is not None:
                reading.source["fhir.enableWhenExpression"] = dumped(expression)
        return node

    def pages(self) -> list[dict[str, Any]]:
        pairs = [*zip(self.found, self.readings, strict=True)]
        if not self.paged:
            return [{**self.page(FORM_PAGE, {}, None, pairs), "source": {"fhir.page": "form"}}]
        by_page: dict[int, list[tuple[Question, Reading]]] = {}
        for question, reading in pairs:
            by_page.setdefault(id(question.path[0]), []).append((question, reading))
        taken, made = Keys(()), []
        for own in by_page.values():
            node = own[0][0].path[0]
            title = texts(node.said, "text", self.language) or {self.language: node.link}
            page = self.page(taken.free(key_of(node.link, "page")), title, node, own)
            made.append({**page, "source": {"fhir.node": kept([node])}})
        return made

    def page(
        self, key: str, title: dict[str, str], node: Node | None, own: Sequence[tuple[Question, Reading]]
    ) -> dict[str, Any]:
        page: dict[str, Any] = {"key": key, "title": title}
        if node is not None and node.repeats:
            page["repeats"] = True
        if node is not None and (condition_ := self.condition(node.said, node.place)):
            page["visible_if"] = condition_
        groups: list[dict[str, Any]] = []
        last: tuple[int, ...] | None = None
        shown: set[int] = set()
        for question, reading in own:
            path = question.path[0 if node is None else 1 :]
            outer = next((depth for depth, each in enumerate(path) if each.repeats), None)
            around = path if outer is None else path[: outer + 1]
            where = tuple(map(id, around))
            if where != last:
                groups.append(self.group(around, shown))
                last = where
            shown.update(where)
            if inner := path[len(around) :]:
                self.inside(reading, inner)
            groups[-1]["items"].append(reading.item)
        return {**page, "groups": groups}

    def joined(self, path: Sequence[Node]) -> Any:
        parts = [node for each in path if (node := self.condition(each.said, each.place))]
        return parts[0] if len(parts) == 1 else ["and", *parts] if parts else None

    def group(self, path: Sequence[Node], shown: set[int]) -> dict[str, Any]:
        group: dict[str, Any] = {"items": []}
        if not path:
            return group
        unseen = [texts(node.said, "text", self.language) for node in path if id(node) not in shown]
        if id(path[-1]) not in shown and (title := title_of(unseen)):
            group["title"] = title
        if len(path) > 1:
            group["level"] = min(len(path), 4)
        if node := self.joined(path):
            group["visible_if"] = node
        last = path[-1]
        group["source"] = {"fhir.path": kept(path)}
        controls = codes(first(last.said, CONTROL))
        if TABLES & {*controls} and not last.repeats:
            group["matrix"] = key_of(last.link, "table")
        if last.repeats:
            group["repeat"] = self.repeat(last)
        return group

    def repeat(self, node: Node) -> dict[str, Any]:
        if id(node) not in self.repeat_keys:
            self.repeat_keys[id(node)] = self.keys.give(node.link)
        made: dict[str, Any] = {"key": self.repeat_keys[id(node)]}
        for name, url, least in (("min", known.MIN_OCCURS, 0), ("max", known.MAX_OCCURS, 1)):
            count = first(node.said, url)
            if isinstance(count, int) and least <= count <= 1000:
                made[name] = count
        return made

    def inside(self, reading: Reading, inner: Sequence[Node]) -> None:
        """Groups inside a repeat have no title here: their conditions go to each of their questions."""
        reading.source["fhir.within"] = kept(inner)
        if any(node.repeats for node in inner):
            reading.remark("repeats", "repeat_in_repeat")
        if node := self.joined(inner):
            own = reading.item.get("visible_if")
            reading.item["visible_if"] = ["and", node, own] if own else node


def kept(path: Sequence[Node]) -> str:
    """What groups are in their questionnaire, for an export that puts them back."""
    return dumped([node.said for node in path])


def languages_in(part: Any) -> list[str]:
    """The languages of every text, in the order in which they come."""
    if isinstance(part, Mapping):
        made = []
        for name, value in part.items():
            if name in ("title", "label", "help", "description", "placeholder", "message") and isinstance(value, Mapping):
                made += list(value)
            elif name != "source":
                made += languages_in(value)
        return made
    if isinstance(part, list) and (not part or not isinstance(part[0], str)):
        return [code for each in part for code in languages_in(each)]
    return []
