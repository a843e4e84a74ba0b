"""What the search costs among 10,000 projects: names folded once, when they are written, against at each search.

``make bench``. Both answer in turn, seven times, for a rare word and for one that is in every name; medians and their
ratio are printed, with the whole search, people and tools included, as the palette asks for it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

from django.db import connection

from core.access.demo import World
from core.access.models import Project
from core.accounts.models import User
from core.portal import search
from core.web.folding import Folded

MANY, ROUNDS = 10_000, 7


def test_search(world: World) -> None:
    """The column that the database keeps is read several times faster than each name is folded."""
    rows = [Project(organisation=world.organisation, slug=f"n{n}", name=f"Étude {n} du réseau") for n in range(MANY)]
    Project.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    actor = world.user["administrator"]
    for words in ("etude 7777", "reseau"):
        ways: dict[str, Callable[[], object]] = {
            "kept": partial(search.projects_named, actor, words),
            "folded": partial(folded_at_search, actor, words),
            "search": partial(search.search, actor, words),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _round in range(ROUNDS):
            for name, way in ways.items():
                begun = time.perf_counter()
                way()
                took[name].append(time.perf_counter() - begun)
        kept, each, whole = (statistics.median(took[name]) * 1000 for name in ("kept", "folded", "search"))
        print(f"{words!r}: kept {kept:.0f} ms, folded at each search {each:.0f} ms: {each / kept:.1f} times")
        print(f"{words!r}: the whole search {whole:.0f} ms")
        assert each > kept


def folded_at_search(actor: User, words: str) -> list[Project]:
    """The same question, each name folded as it is read."""
    rows = Project.objects.visible_to(actor).annotate(folded=Folded("name"))
    for word in words.split():
        rows = rows.filter(folded__contains=word)
    return list(rows.order_by("name")[: search.MOST])
