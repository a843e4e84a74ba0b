"""Whatever is killed at whatever moment: the next command needs no help, and nothing that was saved is lost."""

from __future__ import annotations

import random

import pytest

from tests.backup.conftest import picture
from tests.faults.backup.site import Site, change

pytestmark = pytest.mark.slow
EACH = 10
"""Rounds between two looks at everything."""


def test_saves_killed_at_any_moment(site: Site, chance: random.Random, rounds: int) -> None:
    """After each kill the next save ends well, and every snapshot that was announced comes back bit by bit."""
    whole = site.took("save", "--source", "data", str(site.source))
    states = {site.snapshots()[-1]["id"]: picture(site.source)}
    killed = 0
    for round_ in range(1, 4 * rounds + 1):
        change(site.source, chance)
        killed += site.killed("save", "--source", "data", str(site.source), after=chance.uniform(0, whole))
        for snapshot in site.snapshots():
            states.setdefault(snapshot["id"], picture(site.source))
        if round_ % EACH == 0:
            states[site.save()["snapshot"]] = picture(site.source)
            site.check()
            for id_ in chance.sample(sorted(states), 2):
                assert site.restored(id_) == states[id_]
    assert killed >= rounds, "the kills fall into the work"


@pytest.mark.parametrize("what", ["prune", "scan", "rekey"])
def test_keepers_killed_at_any_moment(site: Site, chance: random.Random, rounds: int, what: str) -> None:
    """A prune, a scan or a new epoch that is killed leaves every kept snapshot whole, and done again it ends well."""
    command, role = {
        "prune": (["prune", "--grace", "0h", "--force"], "pruner"),
        "scan": (["scan"], "verifier"),
        "rekey": (["rekey", "--master", str(site.key("master"))], ""),
    }[what]
    states = {}
    for _ in range(4):
        states[site.save()["snapshot"]] = picture(site.source)
        change(site.source, chance)
    whole = site.took(*command, role=role)
    for _round in range(max(rounds // 2, 3)):
        states[site.save()["snapshot"]] = picture(site.source)
        change(site.source, chance)
        if what == "prune":
            site.ok("forget", "--keep-last", "3", role="pruner")
            kept = {snapshot["id"] for snapshot in site.snapshots()}
            states = {id_: state for id_, state in states.items() if id_ in kept}
        site.killed(*command, role=role, after=chance.uniform(0, whole))
        if what == "rekey":  # readers are derived anew
            for name in ("reader", "lister"):
                site.key(name).unlink()
                site.derive(name, name)
        for id_ in chance.sample(sorted(states), 1):
            assert site.restored(id_) == states[id_]
    site.ok(*command, role=role)
    site.check()
    for id_, state in states.items():
        assert site.restored(id_) == state
