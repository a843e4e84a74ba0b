"""YAML as a tree of nodes that know where they stand. Plain lists, mappings and texts only: no tag, no anchor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from ecrf.engine.faults import Fault, Refused

DEEPEST = 60
MOST_NODES = 400_000


@dataclass
class Node:
    """A text, a list or a mapping. A text stays as it was written: ``Yes`` and ``1`` are texts too."""

    kind: str
    line: int
    column: int
    text: str = ""
    plain: bool = False
    """Written without quotes."""
    parts: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"line {self.line}, column {self.column}"

    def fault(self, code: str, **params: object) -> Fault:
        return Fault(self.place, code, {"line": self.line, "column": self.column, **params})

    @property
    def empty(self) -> bool:
        return self.kind == "text" and self.plain and self.text in ("", "~", "null")

    def get(self, name: str) -> Node | None:
        return next((value for key, value in self.pairs if key.text == name), None)

    def names(self) -> Iterator[str]:
        return (key.text for key, _ in self.pairs)


def parse(content: bytes) -> Node:
    """The one document of the file. Raises Refused with every fault of its form."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused([Fault("file", "not_utf8")]) from None
    loader = yaml.CSafeLoader(text) if yaml.__with_libyaml__ else yaml.SafeLoader(text)
    try:
        return Tree(loader).root()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        params: dict[str, object] = {"detail": str(error.problem or error.context)[:200]}
        if mark is None:
            raise Refused([Fault("file", "not_yaml", params)]) from None
        params |= {"line": mark.line + 1, "column": mark.column + 1}
        raise Refused([Fault(f"line {mark.line + 1}, column {mark.column + 1}", "not_yaml", params)]) from None
    except yaml.YAMLError as error:
        raise Refused([Fault("file", "not_yaml", {"detail": str(error)[:200]})]) from None
    finally:
        loader.dispose()


class Tree:
    """Built from events on a stack of its own, so that depth costs nothing."""

    def __init__(self, loader: yaml.SafeLoader | yaml.CSafeLoader) -> None:
        self.loader = loader
        self.faults: list[Fault] = []
        self.open: list[Node] = []
        self.keys: list[Node | None] = []
        self.seen: list[set[str]] = []
        self.found: Node | None = None
        self.count = 0

    def root(self) -> Node:
        while self.loader.check_event():
            self.take(self.loader.get_event())
        if self.faults:
            raise Refused(self.faults)
        if self.found is None:
            raise Refused([Fault("file", "file_empty")])
        return self.found

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent):
            node = Node("text", event.start_mark.line + 1, event.start_mark.column + 1)
            self.count += 1
            if self.count > MOST_NODES:
                raise Refused([node.fault("too_much_yaml", limit=MOST_NODES)])
            tag = getattr(event, "tag", None)
            if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
                self.faults.append(node.fault("alias_refused"))
            elif tag is not None and tag != "!":
                self.faults.append(node.fault("tag_refused", name=str(tag)[:60]))
            if isinstance(event, yaml.ScalarEvent):
                node.text, node.plain = event.value, event.style in (None, "")
            elif isinstance(event, yaml.CollectionStartEvent):
                node.kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "map"
            self.place(node)
            if isinstance(event, yaml.CollectionStartEvent):
                self.open.append(node)
                self.keys.append(None)
                self.seen.append(set())
                if len(self.open) > DEEPEST:
                    raise Refused([node.fault("too_deep", limit=DEEPEST)])
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            self.keys.pop()
            self.seen.pop()

    def place(self, node: Node) -> None:
        if not self.open:
            if self.found is not None:
                raise Refused([node.fault("one_document")])
            self.found = node
            return
        inside = self.open[-1]
        if inside.kind == "list":
            inside.parts.append(node)
            return
        key = self.keys[-1]
        if key is None:
            if node.kind != "text":
                self.faults.append(node.fault("key_no_text"))
            elif node.text in self.seen[-1]:
                self.faults.append(node.fault("said_twice", name=node.text[:80]))
            self.seen[-1].add(node.text)
            self.keys[-1] = node
        else:
            inside.pairs.append((key, node))
            self.keys[-1] = None
