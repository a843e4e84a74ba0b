"""Conditions in words, for who has only paper: «“Sex” is Female»; what words can't say is told as authors write it."""

from __future__ import annotations

from typing import Any

from ecrf.engine.expressions.native_text import write_native
from ecrf.engine.expressions.operators import LITERALS, Node
from ecrf.engine.expressions.saying import Unsayable
from ecrf.engine.items import Item
from ecrf.engine.paper.tongue import Tongue

COMPARED = {"=": "is", "same": "is", "<>": "is_not", "distinct": "is_not"}
COMPARED |= {"<": "less", "<=": "at_most_is", ">": "more", ">=": "at_least_is"}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def in_words(tongue: Tongue, node: Node) -> str:
    """The condition as part of a sentence."""
    try:
        return Saying(tongue).said(node, 0)
    except Unsayable:
        return tongue.word("formula", text=write_native(node))


class Saying:
    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue

    def said(self, node: Node, depth: int) -> str:
        head, *arguments = node
        if head in ("and", "or"):
            parts = [self.said(part, depth + 1) for part in arguments]
            text = self.tongue.word(head).join(parts)
            return f"({text})" if depth and len(parts) > 1 else text
        if head == "not":
            return self.tongue.word("not", part=self.said(arguments[0], 0))
        if head == "ticked" and isinstance(arguments[0], str):
            item = self.item(arguments[0])
            return self.tongue.word("ticked", label=self.tongue.label(item.key), value=self.literal(item, arguments[1]))
        if head in COMPARED:
            return self.compared(head, *arguments)
        raise Unsayable(head)

    def compared(self, head: str, left: Node, right: Node) -> str:
        if left[0] in LITERALS or left[0] == "null":
            left, right, head = right, left, TURNED.get(head, head)
        label, item = self.field(left)
        if right[0] == "null" and head in ("same", "distinct"):
            return self.tongue.word("unanswered" if head == "same" else "answered", label=label)
        if right[0] not in LITERALS or not isinstance(right[1], str):
            raise Unsayable(right[0])
        return self.tongue.word(COMPARED[head], label=label, value=self.literal(item, right[1]))

    def field(self, node: Node) -> tuple[str, Item]:
        head, *arguments = node
        if head == "var":
            return self.tongue.label(arguments[0]), self.item(arguments[0])
        if head == "of":
            event, key = arguments
            label = self.tongue.word("at_visit", label=self.tongue.label(key), event=self.tongue.event(event))
            return label, self.item(key)
        raise Unsayable(head)

    def item(self, key: Any) -> Item:
        found = self.tongue.definition.items.get(key) if isinstance(key, str) else None
        if found is None:
            raise Unsayable("var")
        return found

    def literal(self, item: Item, text: str) -> str:
        said = self.tongue.value(item, [text] if item.kind == "choices" else text) or text
        return self.tongue.word("quoted", text=said) if item.codes or item.kind == "text" else said
