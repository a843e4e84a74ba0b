"""From a workbook to a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.exchange.names import Keys, key_of
from ecrf.engine.exchange.titles import title_of
from ecrf.engine.exchange.xlsform.formulas import Formulas
from ecrf.engine.exchange.xlsform.items import Reading
from ecrf.engine.exchange.xlsform.languages import DEFAULT, Languages, cleaned
from ecrf.engine.exchange.xlsform.lists import lists
from ecrf.engine.exchange.xlsform.structure import Node, Question, dumped, kept, questions
from ecrf.engine.exchange.xlsform.workbook import FALLBACK, Workbook, opened, told
from ecrf.engine.faults import Fault, Refused

FORM_PAGE = "form"
KNOWN_SETTINGS = frozenset({"title", "id_string", "sms_keyword", "default_language", "type", "name", "children", "choices", "flat"})


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    """The data of the definition, and what of the workbook it doesn't say. Raises Refused with every fault."""
    book = opened(content)
    return Form(book, language).result()


class Form:
    def __init__(self, book: Workbook, language: str) -> None:
        self.book, self.survey = book, book.survey
        self.languages = Languages(book.survey, language)
        self.remarks = [told(text, "xlsform_says") for text in book.warnings]
        self.lists, self.list_keys = lists(book.survey, self.languages, self.remarks)
        found = [*questions(book.survey)]
        if not found:
            raise Refused([Fault("survey", "file_empty")])
        self.paged = all(question.path for question in found)
        """Whether everything stands in groups, which then are the pages."""
        names = [question.name for question in found]
        nodes = {tuple(id(each) for each in question.path[: depth + 1]): question.path[depth] for question in found for depth in range(len(question.path))}
        self.keys = Keys([*names, *(node.name for node in nodes.values() if node.kind == "repeat")])
        self.readings = [self.reading(question) for question in found]
        self.found = found
        self.repeat_keys: dict[int, str] = {}
        self.formulas = Formulas(self.readings, self.lists)

    def reading(self, question: Question) -> Reading:
        key = self.keys.give(question.name, [node.name for node in question.path])
        made = Reading(question, key, self.book, self.languages)
        if "list" in made.item:
            made.item["list"] = self.list_keys[made.item["list"]]
        return made

    def result(self) -> tuple[dict[str, Any], list[Fault]]:
        for reading in self.readings:
            self.formulas.settle(reading)
            if not reading.item["label"] and not reading.item.get("hidden"):
                reading.item["label"] = {self.languages.order[0]: reading.name}
                reading.item.setdefault("source", {})["xlsform.label"] = "none"
        pages = self.pages()
        for reading in self.readings:
            self.remarks += reading.remarks
        title = self.title()
        data: dict[str, Any] = {"format": 1, "title": title, "languages": self.languages.order, "pages": pages}
        used = {reading.item.get("list") for reading in self.readings}
        if shared := {key: choices for key, choices in self.lists.items() if key in used}:
            data["lists"] = shared
        if source := {**self.source(), **self.languages.source()}:
            data["source"] = source
        for page in pages:
            if not any(page["title"].values()):
                page["title"] = dict(title)
        return data, self.remarks

    def title(self) -> dict[str, str]:
        title = str(self.survey.get("title", ""))
        return {self.languages.order[0]: "" if title == FALLBACK else title[:20_000]}

    def source(self) -> dict[str, str]:
        found = {}
        form = str(self.survey.get("id_string", FALLBACK))
        if form not in (FALLBACK, key_of(self.title()[self.languages.order[0]], "form")):
            found["xlsform.form_id"] = form
        for name, value in self.survey.items():
            if name not in KNOWN_SETTINGS and value not in (None, "", [], {}, False):
                found[f"xlsform.settings.{name}"[:200]] = value if isinstance(value, str) else dumped(value)
                if name not in ("version", "allow_choice_duplicates"):
                    self.remarks.append(Fault("settings", "column_kept", {"name": str(name)[:60]}))
        if self.survey.get("default_language", DEFAULT) == DEFAULT and self.languages.codes.keys() != {DEFAULT}:
            found["xlsform.default_language"] = "not said"
        found |= {f"xlsform.list.{key}": name for name, key in self.list_keys.items() if name != key}
        return found

    def pages(self) -> list[dict[str, Any]]:
        if not self.paged:
            return [self.page(FORM_PAGE, {}, None, self.found, self.readings)]
        made: dict[int, dict[str, Any]] = {}
        taken = Keys(())
        by_page: dict[int, list[int]] = {}
        for number, question in enumerate(self.found):
            by_page.setdefault(id(question.path[0]), []).append(number)
        for where, numbers in by_page.items():
            node = self.found[numbers[0]].path[0]
            key = taken.free(key_of(node.name, "page"))
            made[where] = self.page(
                key,
                self.words(node),
                node,
                [self.found[number] for number in numbers],
                [self.readings[number] for number in numbers],
            )
        return list(made.values())

    def words(self, node: Node) -> dict[str, str]:
        return cleaned(self.languages.texts(node.said.get("label")))[0]

    def page(
        self,
        key: str,
        title: dict[str, str],
        node: Node | None,
        found: Sequence[Question],
        readings: Sequence[Reading],
    ) -> dict[str, Any]:
        page: dict[str, Any] = {"key": key, "title": title}
        if node is None:
            page["source"] = {"xlsform.page": "form"}
        else:
            if not title:
                page["title"] = {self.languages.order[0]: node.name}
            page["source"] = {"xlsform.node": dumped(kept(node, self.languages.texts))}
            if node.kind == "repeat":
                page["repeats"] = True
            if condition := self.condition((node,)):
                page["visible_if"] = condition
        page["groups"] = self.groups(found, readings, 0 if node is None else 1)
        return page

    def condition(self, path: Sequence[Node]) -> list[Any] | None:
        """That of the groups, all together."""
        parts = []
        for node in path:
            if text := str(node.said.get("bind", {}).get("relevant", "")):
                tree, remarks = self.formulas.tree(text, "boolean", self.book.place(node.name, "relevant"))
                self.remarks += [each for each in remarks if each not in self.remarks]
                if tree is not None:
                    parts.append(tree)
        return parts[0] if len(parts) == 1 else ["and", *parts] if parts else None

    def groups(self, found: Sequence[Question], readings: Sequence[Reading], start: int) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        last: tuple[int, ...] | None = None
        shown: set[int] = set()
        for question, reading in zip(found, readings, strict=True):
            path = question.path[start:]
            outer = next((depth for depth, node in enumerate(path) if node.kind == "repeat"), None)
            own = path if outer is None else path[: outer + 1]
            inner = path[len(own) :]
            where = tuple(map(id, own))
            if where != last or not made:
                made.append(self.group(own, shown))
                last = where
            shown.update(where)
            if inner:
                self.inside(reading, inner)
            made[-1]["items"].append(reading.item)
        return made

    def group(self, path: Sequence[Node], shown: set[int]) -> dict[str, Any]:
        group: dict[str, Any] = {"items": []}
        if not path:
            return group
        first = id(path[-1]) not in shown
        titles = title_of([self.words(node) for node in path if id(node) not in shown])
        if titles and first:
            group["title"] = titles
        if len(path) > 1:
            group["level"] = min(len(path), 4)
        if condition := self.condition(path):
            group["visible_if"] = condition
        node = path[-1]
        group["source"] = {"xlsform.path": dumped([kept(each, self.languages.texts) for each in path])}
        if node.reserved:
            group["matrix"] = key_of(node.name, "table")
        if node.kind == "repeat":
            group["repeat"] = self.repeat(node)
        return group

    def repeat(self, node: Node) -> dict[str, Any]:
        if id(node) not in self.repeat_keys:
            self.repeat_keys[id(node)] = self.keys.give(node.name)
        made: dict[str, Any] = {"key": self.repeat_keys[id(node)]}
        count = str(node.said.get("count", ""))
        if count.isdecimal() and 1 <= int(count) <= 1000:
            made |= {"min": int(count), "max": int(count)}
        elif count:
            self.remarks.append(self.book.fault(node.name, "repeat_count", "count_not_carried", text=count[:80]))
        return made

    def inside(self, reading: Reading, inner: Sequence[Node]) -> None:
        """Groups inside a repeat have no title here: their conditions go to each of their questions."""
        reading.item.setdefault("source", {})["xlsform.within"] = dumped(
            [kept(node, self.languages.texts) for node in inner]
        )
        if any(node.kind == "repeat" for node in inner):
            reading.remark("type", "repeat_in_repeat")
        if condition := self.condition(inner):
            own = reading.item.get("visible_if")
            reading.item["visible_if"] = ["and", condition, own] if own else condition
