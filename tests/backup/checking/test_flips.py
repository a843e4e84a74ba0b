"""Whichever single byte of whichever object is changed: it is found, with a key and without."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import lru_cache
from typing import Any

import pytest

from backup.engine.checking import survey
from backup.engine.checking.check import check
from backup.engine.checking.sample import EVERYTHING
from backup.engine.errors import BackupError
from backup.engine.format import cipher, layout
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.history import say
from tests.backup.checking.conftest import Place
from tests.backup.checking.hand import Blob

SMALL = {"a": b"one", "b": [b"two", b"three"], "c": {"d": b"four"}}


class Here(Executor):
    """Does at once what it is given: thousands of checks don't start a thread each."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """As many workers as one likes."""

    def submit(self, act: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(act(*args, **more))
        return done


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mathematics is done once: whether these very bytes are signed, and what opens them, is as it was before."""
    monkeypatch.setattr(survey, "ThreadPoolExecutor", Here)
    for name in ("verifies", "unseal"):
        monkeypatch.setattr(cipher, name, lru_cache(4096)(getattr(cipher, name)))


def everything(suite: int) -> Place:
    """A repository of a few thousand bytes that has an object of each kind, and two of those that stand in a row."""
    place = Place(suite=suite, roles=(Role.WRITER, Role.VERIFIER))
    hand = place.hand()
    hand.save(SMALL)
    hand.save(SMALL | {"a": b"five"})
    hand.pack(Blob(b"left by a save that was stopped"))
    for key in (Role.VERIFIER, Role.MASTER):
        repository = place.open(key)
        say(place.store, repository.config, repository.key, repository.history(), Clear(), Said(time=1, why="why"))
    place.open(Role.VERIFIER).publish(layout.EVERYBODY, hand.packs[:1])
    place.rekey()
    hand.repository = place.open(Role.WRITER)
    hand.save({"e": b"six"})
    return place


def found(look: Callable[[], object]) -> object:
    """What a check says: problems, or that the repository doesn't even open."""
    try:
        return look()
    except BackupError as error:
        return error


def missed(place: Place, look: Callable[[], object], every: int = 1) -> list[str]:
    """The places, of all or of one in so many, at which a changed byte is not found."""
    chance = random.Random(1)
    places = []
    for name, original in list(place.store.objects.items()):
        for at in range(chance.randrange(every), len(original), every):
            changed = bytes([original[at] ^ 1 << chance.randrange(8)])
            place.store.objects[name] = original[:at] + changed + original[at + 1 :]
            if not found(look):
                places.append(f"byte {at} of {name}")
        place.store.objects[name] = original
    return places


@pytest.mark.slow
@pytest.mark.parametrize(("suite", "every"), [(layout.AES, 1), (layout.CHACHA, 9)])
def test_every_byte_with_a_key(suite: int, every: int) -> None:
    """A full check with a verifier's key finds each changed byte: content, header, padding, signature, key."""
    place = everything(suite)

    def look() -> object:
        return place.check(role=Role.VERIFIER, workers=1).problems

    assert not look()
    assert missed(place, look, every) == []


@pytest.mark.slow
def test_every_byte_without_a_key() -> None:
    """Whoever runs the storage finds each changed byte, though he can open nothing."""
    place = everything(layout.AES)

    def look() -> object:
        return check(place.onlooker(), EVERYTHING, clock=place.clock, workers=1).problems

    assert not look()
    assert missed(place, look) == []
