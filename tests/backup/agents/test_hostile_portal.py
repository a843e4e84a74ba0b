"""A portal that was taken over: what it tells an agent gives it no file, no content and no program of the machine."""

from __future__ import annotations

import base64
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backup.engine.agent import holding
from backup.engine.agent.daemon import Daemon
from backup.engine.agent.doing import Bench
from backup.engine.agent.place import Identity, Keyless, Place
from backup.engine.format import cipher, keyfile, keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.repository import Repository
from backup.engine.stores.local import LocalStore

DUE = "2026-01-01T02:30:00+00:00"


@dataclass
class Hostile:
    """Answers an agent as it likes, and keeps what it hears."""

    answer: dict[str, Any]
    heard: list[dict[str, Any]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def now(self) -> float:
        return time.time()

    def state(self) -> dict[str, Any]:
        return self.answer

    def key_kept(self, key_id: str) -> None:
        self.kept.append(key_id)

    def begin(self, body: dict[str, Any]) -> dict[str, Any]:
        for plan in self.answer["plans"]:
            plan |= {"turns": ["2999-01-01T02:30:00+00:00"], "run": None, "waits": False}
        return {"id": body["id"], "state": "running", "stop": False}

    def report(self, run: str, body: dict[str, Any]) -> dict[str, Any]:
        self.heard.append(body)
        return {"id": run, "state": "running", "stop": False}

    def end(self, run: str, body: dict[str, Any]) -> dict[str, Any]:
        self.heard.append(body)
        return {"id": run, "state": "done", "stop": False}


@dataclass
class Victim:
    """A machine with an agent that has its key, and a repository that its owner made."""

    base: Path
    duty: str = "save"
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = LocalStore(self.base / "repository")
        self.store.prepare()
        self.master = keys.master(os.urandom(32), os.urandom(16))
        self.opened = Repository.create(self.store, self.master, now=1)
        self.private = X25519PrivateKey.generate().private_bytes_raw()
        self.place = Place(self.base / "own", self.base / "memory")
        self.identity = Identity(
            portal="https://suite.example",
            id=str(uuid.uuid4()),
            name="ward",
            duty=self.duty,
            project="Study",
            repository="",
            number=self.master.repository.hex(),
            elsewhere=str(self.base / "repository"),
        )
        self.place.settle(self.identity, "agent_x.y", self.private)
        (self.base / "data").mkdir()
        (self.base / "data" / "a.txt").write_text("a letter")

    def hold(self) -> Key:
        """Give it a key of the owner's master."""
        role = {"save": Role.WRITER, "keep": Role.PRUNER, "check": Role.VERIFIER}[self.duty]
        key = self.opened.derive(role, label="ward", now=1)
        self.place.keep_key(keyfile.dump(key))
        return key

    def sealed(self, key: Key) -> str:
        """A keyfile, sealed to the machine: whoever knows its public key can do so."""
        text = keyfile.dump(key).encode()
        public = cipher.public_half(self.private)
        return base64.b64encode(cipher.seal(layout.AES, public, holding.SEALED, self.identity.id_bytes, text)).decode()

    def orders(self, **plan: Any) -> dict[str, Any]:
        usual = {
            "id": str(uuid.uuid4()),
            "name": "nightly",
            "source": "ward",
            "paths": [str(self.base / "data")],
            "excludes": [],
            "streams": [],
            "options": {},
            "zone": "UTC",
            "turns": [DUE],
            "run": None,
            "waits": False,
            "stop": False,
        }
        return {
            "duty": self.duty,
            "ask_again": 20,
            "sealed_key": "",
            "key_id": "",
            "plans": [usual | plan] if plan else [],
        }

    def obey(self, portal: Hostile) -> None:
        """Do all that the portal says, once."""
        bench = Bench(self.place, self.identity, self.base / "state", None, "suite-backup")
        Daemon(bench, portal, say=self.said.append).run(once=True)  # type: ignore[arg-type]


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    return Victim(tmp_path / "machine")


def everything_told(portal: Hostile) -> str:
    return repr(portal.heard)


Traversal = Callable[[Path], str]


@pytest.mark.parametrize(
    "number",
    [lambda file: str(file.with_suffix("")), lambda file: f"../../../{file.parent.name}/{file.stem}"],
    ids=["from the root", "steps back"],
)
def test_a_run_is_a_number_and_no_path(victim: Victim, tmp_path: Path, number: Traversal) -> None:
    """What the portal calls a run names no file of the machine: nothing is written or removed there."""
    victim.hold()
    target = tmp_path / "etc" / "daemon.json"
    target.parent.mkdir()
    target.write_text("{}")
    (victim.place.memory / "runs").mkdir(parents=True)
    victim.obey(Hostile(victim.orders(name="x", run=number(target), waits=True)))
    assert target.read_text() == "{}"
    assert [path.name for path in target.parent.iterdir()] == ["daemon.json"]
    assert any("doesn't understand" in line for line in victim.said)


def test_a_key_of_another_master_is_not_taken(victim: Victim) -> None:
    """A portal can seal a key of a master of its own, and read all: who has a key takes none of another."""
    mine = victim.hold()
    before = victim.place.key_file.read_text()
    other = keys.master(os.urandom(32), victim.master.repository)
    forged = keys.derive(other, Role.WRITER, label="ward", created=1)
    portal = Hostile(victim.orders() | {"sealed_key": victim.sealed(forged), "key_id": forged.key_id.hex()})
    victim.obey(portal)
    assert victim.place.key_file.read_text() == before
    assert portal.kept == []
    assert any("another master key" in line for line in victim.said)
    renewed = victim.opened.derive(Role.WRITER, label="ward", now=2)
    victim.obey(Hostile(victim.orders() | {"sealed_key": victim.sealed(renewed), "key_id": renewed.key_id.hex()}))
    assert victim.place.key().key_id == renewed.key_id != mine.key_id, "another key of the same master is taken"


@pytest.mark.parametrize("sealed", [b"", b"x" * 300], ids=["nothing", "rubbish"])
def test_a_key_that_does_not_open_stops_nothing(victim: Victim, sealed: bytes) -> None:
    """What was sealed to another machine, or is no keyfile, is refused in words, once, and the agent goes on."""
    text = base64.b64encode(
        sealed or cipher.seal(layout.AES, cipher.public_half(os.urandom(32)), "x", b"", b"x")
    ).decode()
    portal = Hostile(victim.orders() | {"sealed_key": text, "key_id": "0" * 32})
    victim.obey(portal)
    with pytest.raises(Keyless):
        victim.place.key()
    assert [line for line in victim.said if "isn't taken" in line] == victim.said


def test_no_word_of_a_file_reaches_the_portal(victim: Victim) -> None:
    """A plan names a file as a connection string; that it is none is told without what stands in it."""
    victim.hold()
    secret = victim.base / "shadow"
    secret.write_text("root:$y$j9T$secretsecret:19000:0:99999:7:::\n")
    for text in (secret.read_text(), "postgresql://clinic:secretsecret@[db/x", "password=secretsecret host"):
        secret.write_text(text)
        portal = Hostile(victim.orders(paths=[], streams=[f"postgresql:url-file={secret}"]))
        victim.obey(portal)
        assert "isn't understood" in everything_told(portal)
        assert "secretsecret" not in everything_told(portal)


def test_no_option_of_a_program_hides_in_a_name(
    victim: Victim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of a database is one: nothing that a program would take for an option, to write a file or load code."""
    victim.hold()
    program = tmp_path / "bin" / "mariadb-dump"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\necho dump\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    for name in ("-A", "--result-file=/etc/cron.d/x", "-Ar/etc/cron.d/x", "--plugin-dir=/tmp/x"):
        portal = Hostile(victim.orders(paths=[], streams=[f"mariadb:database={name}"]))
        victim.obey(portal)
        assert [end["state"] for end in portal.heard if "state" in end] == ["failed"]
    assert not (tmp_path / "arguments").exists()
    victim.obey(Hostile(victim.orders(paths=[], streams=["mariadb:database=clinic"])))
    assert "--databases -- clinic" in (tmp_path / "arguments").read_text()


def test_an_unknown_zone_fails_in_words(tmp_path: Path) -> None:
    """A time zone that this machine doesn’t know, of a portal that knows more, fails the run and not the agent."""
    victim = Victim(tmp_path / "machine", duty="keep")
    victim.hold()
    for zone in ("Europe/Elsewhere", "../../etc/passwd"):
        portal = Hostile(victim.orders(zone=zone, options={"keep_last": "1"}))
        victim.obey(portal)
        [told] = [end for end in portal.heard if "state" in end]
        assert (told["state"], "time zone" in told["error"]) == ("failed", True)
