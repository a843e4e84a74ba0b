"""Share accesses among those who may judge them, so that nobody judges his own where there is somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Person = TypeVar("Person", bound=Hashable)


def share(owners: Mapping[Key, Person], tiers: Sequence[Sequence[Person]]) -> dict[Key, Person | None]:
    """For each access, by its key and whose it is, who judges it; None where there is nobody at all.

    The first of the tiers that has somebody else judges, each of its people as often as the others. Where nobody else
    is in any tier, it falls to the person himself if he is in one.
    """
    load: Counter[Person] = Counter()
    shared: dict[Key, Person | None] = {}
    for key, owner in owners.items():
        others = next((found for tier in tiers if (found := [each for each in tier if each != owner])), [])
        alone = [owner] if any(owner in tier for tier in tiers) else []
        judge = min(others or alone, key=lambda each: load[each], default=None)
        if judge is not None:
            load[judge] += 1
        shared[key] = judge
    return shared
