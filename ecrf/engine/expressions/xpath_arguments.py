"""What the arguments of a function of XPath become."""

from __future__ import annotations

from dataclasses import dataclass

from ecrf.engine.redcap.conversion import Node, Typed, convert
from ecrf.engine.redcap.logic import Tree
from ecrf.engine.redcap.lowering import Fields, Lowering


@dataclass(frozen=True)
class Loose:
    """What the arguments of a function become, given the fields."""

    fields: Fields

    def is_boxes(self, tree: Tree) -> bool:
        return tree[0] == "field" and self.fields.types.get(tree[1]) == "codes"

    def typed(self, tree: Tree, wanted: str) -> Node:
        return convert(self.open(tree), wanted)

    def open(self, tree: Tree) -> Typed:
        return Lowering(self.fields).node(tree)
