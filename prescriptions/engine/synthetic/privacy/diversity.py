"""How varied a set is: words, templates, and the medicines against what France is dispensed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from prescriptions.engine.synthetic.catalogue import Catalogue
from prescriptions.engine.synthetic.letterheads import LETTERHEADS
from prescriptions.engine.synthetic.privacy.overlap import Run, runs
from prescriptions.engine.synthetic.saying.lines import HEADS
from prescriptions.engine.synthetic.saying.orders import ORDERS

Json = dict[str, Any]
SAMPLE = 2000
"""Documents whose words are counted: distinct shares fall with the length of a text, so sets compare at one length."""
TEMPLATES = frozenset({*(one.id for one in (*LETTERHEADS, *ORDERS, *HEADS)), "figure", "listed", "run-on"})


class Diversity:
    """Counts while documents pass."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._weights = {one.product.cis: one.product.weight for one in catalogue.choices}
        self._products: set[str] = set()
        self._templates: set[str] = set()
        self._rules: set[str] = set()
        self._texts: set[int] = set()
        self._count = 0
        self._runs: dict[int, set[Run]] = {length: set() for length in (1, 2, 3)}
        self._totals: Counter[int] = Counter()
        self._profiles: Counter[str] = Counter()
        self._splits: Counter[str] = Counter()

    def see(self, case: Json, ledger: Json, found: list[str]) -> None:
        """One document, with its words."""
        self._count += 1
        self._texts.add(hash(case["text"]))
        self._products.update(one["cis"] for one in ledger["products"])
        self._templates.update(ledger["templates"])
        self._rules.update(ledger["rules"])
        self._profiles[case["category"]] += 1
        self._splits[case["split"]] += 1
        if self._count <= SAMPLE:
            for length, seen in self._runs.items():
                made = list(runs(found, length))
                seen.update(made)
                self._totals[length] += len(made)

    def report(self) -> Json:
        """Shares between 0 and 1; `weight` is that of the boxes dispensed in a year (Open Medic) of what was drawn."""
        all_weight = sum(self._weights.values())
        drawn = sum(self._weights.get(cis, 0.0) for cis in self._products)
        return {
            "documents": self._count,
            "different": len(self._texts),
            "sample": min(self._count, SAMPLE),
            "distinct": {
                str(length): round(len(seen) / self._totals[length], 4) if self._totals[length] else 0.0
                for length, seen in self._runs.items()
            },
            "templates": [len(self._templates & TEMPLATES), len(TEMPLATES)],
            "rules": len(self._rules),
            "products": [len(self._products), len(self._weights)],
            "weight": round(drawn / all_weight, 4) if all_weight else 0.0,
            "profiles": dict(sorted(self._profiles.items())),
            "splits": dict(sorted(self._splits.items())),
        }
