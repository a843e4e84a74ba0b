"""What the account of each key may do in a bucket, by the policy that is printed for it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from backup.engine.errors import AlreadyThere, BackupError, Denied
from backup.engine.format import cipher, layout
from backup.engine.format.keys import Role
from backup.engine.stores.s3 import S3Store
from backup.engine.stores.s3_policy import policy
from tests.backup.stores import faulty, policies
from tests.backup.stores.conftest import Provider

DATA = b"data"
DIGEST = cipher.digest(DATA)
KEY, OTHER = b"k" * 16, b"o" * 16
DAY = 24 * 3600 * 10**9
NAMES = {
    "config": layout.config_name(1),
    "keys": layout.badge_name(KEY),
    "packs": layout.pack_name(DIGEST),
    "index": layout.index_name(DIGEST),
    "manifests": layout.manifest_name(KEY, DIGEST),
    "own snapshots": layout.snapshot_name(KEY, 1),
    "others' snapshots": layout.snapshot_name(OTHER, 1),
    "own acts": layout.act_name(KEY, 1),
    "others' acts": layout.act_name(OTHER, 1),
}
ALL = set(NAMES)
READ = {
    Role.MASTER: ALL,
    Role.WRITER: ALL - {"packs", "others' snapshots"},
    Role.READER: ALL,
    Role.LISTER: ALL - {"packs", "index", "manifests"},
    Role.VERIFIER: ALL,
    Role.PRUNER: ALL,
}
PUT = {
    Role.MASTER: ALL,
    Role.WRITER: {"packs", "index", "own snapshots"},
    Role.READER: set(),
    Role.LISTER: set(),
    Role.VERIFIER: {"packs", "index", "manifests", "own acts"},
    Role.PRUNER: {"packs", "index", "manifests", "own acts"},
}
GOES = {"packs", "index", "manifests", "own snapshots", "others' snapshots"}
DELETE = {Role.MASTER: GOES, Role.PRUNER: GOES}

As = Callable[..., S3Store]


@pytest.fixture
def account(provider: Provider) -> As:
    """The store as the account of a role sees it."""

    def account(role: Role, *, lock: bool = False, **options: object) -> S3Store:
        text = policy(provider.bucket, "suite", role, key_id=KEY, lock_days=30 if lock else 0)
        provider.door.rules[:] = [policies.obeys(text)]
        return provider.open(tries=1, **({"lock": "governance", "days": 30} if lock else {}) | options)

    return account


def fill(provider: Provider, store: S3Store) -> None:
    for name in NAMES.values():
        store.create(name, [DATA])
    assert provider.door.rules == []


def does(action: Callable[[], object]) -> bool:
    try:
        action()
    except Denied:
        return False
    return True


@pytest.mark.parametrize("role", Role)
def test_a_role_reads_what_it_needs(provider: Provider, account: As, role: Role) -> None:
    """Each role reads what it works with and nothing else, and lists everything."""
    fill(provider, provider.open())
    store = account(role)
    assert {kind for kind, name in NAMES.items() if does(lambda name=name: store.read(name))} == READ[role]
    assert {one.name for folder in layout.FOLDERS for one in store.list(folder)} == set(NAMES.values())
    assert store.now()


@pytest.mark.parametrize("role", Role)
def test_a_role_puts_what_it_makes(account: As, role: Role) -> None:
    """Each role puts new objects where it has to, and nowhere else."""
    store = account(role)
    assert {kind for kind, name in NAMES.items() if does(lambda name=name: store.create(name, [DATA]))} == PUT[role]


@pytest.mark.parametrize("role", Role)
def test_nobody_overwrites(provider: Provider, account: As, role: Role) -> None:
    """No role overwrites anything: neither on the condition that it isn't there, nor without one."""
    fill(provider, provider.open())
    store, boldly = account(role), account(role, conditional=False)
    for kind in PUT[role]:
        with pytest.raises(AlreadyThere):
            store.create(NAMES[kind], [b"other"])
        with pytest.raises(Denied):
            boldly._call.put(NAMES[kind], b"other")


@pytest.mark.parametrize("role", Role)
def test_only_who_prunes_deletes(provider: Provider, account: As, role: Role) -> None:
    """Pruner and master delete what retention is about, never keys, configs or acts; nobody else deletes at all."""
    fill(provider, provider.open())
    store = account(role)
    deleted = {
        kind
        for kind, name in NAMES.items()
        if does(lambda name=name: store._call("delete_object", name, Key=store.bucket.key(name)))
    }
    assert deleted == DELETE.get(role, set())


def test_a_writer_without_reading_saves_on(provider: Provider, account: As) -> None:
    """A writer whose answer was lost finds its pack again, though it may not read packs."""
    store = account(Role.WRITER)
    store = provider.open(tries=2)
    provider.door.rules.append(faulty.times(1, faulty.lost, method="PUT", part="/packs/"))
    store.create(NAMES["packs"], [DATA])


def test_a_writer_locks_for_so_long_and_no_longer(account: As) -> None:
    """Where objects are locked a writer locks what it puts, for as long as is agreed; a thief can't lock for ever."""
    account(Role.WRITER, lock=True).create(NAMES["packs"], [DATA])
    with pytest.raises(Denied):
        account(Role.WRITER, lock=True, days=31).create(NAMES["index"], [DATA])


def test_a_verifier_extends_locks(provider: Provider, account: As) -> None:
    """Only who verifies extends the locks of what is there."""
    fill(provider, provider.open(lock="governance", days=1))
    store = account(Role.VERIFIER, lock=True)
    until = store.now() + 20 * DAY
    store.lock_until(NAMES["packs"], until)
    assert store.locked_until(NAMES["packs"]) >= until
    for role in (Role.READER, Role.PRUNER, Role.LISTER):
        with pytest.raises(Denied):
            account(role, lock=True).lock_until(NAMES["keys"], until)


@pytest.mark.parametrize("prefix", ["", "a/place"])
def test_a_policy_is_of_its_place(prefix: str) -> None:
    """A policy names its bucket, its prefix and its key, and nothing that is everybody's."""
    text = policy("bucket", prefix, Role.WRITER, key_id=KEY)
    named = [resource for statement in json.loads(text)["Statement"] for resource in statement["Resource"]]
    above = f"arn:aws:s3:::bucket/{prefix}/" if prefix else "arn:aws:s3:::bucket/"
    assert all(resource.startswith(above) for resource in named if resource != "arn:aws:s3:::bucket")
    assert f"{above}snapshots/{KEY.hex()}/*" in named
    assert "bypass" not in text.lower()


def test_a_policy_of_a_bucket_names_whose_it_is() -> None:
    """A policy to be put on the bucket names the account in each of its statements; one for the account doesn't."""
    account = "arn:aws:iam::111122223333:user/writer"
    for text, expected in (
        (policy("bucket", "", Role.READER, account=account), {"AWS": account}),
        (policy("bucket", "", Role.READER), None),
    ):
        assert {json.dumps(one.get("Principal")) for one in json.loads(text)["Statement"]} == {json.dumps(expected)}


def test_a_writer_is_somebody() -> None:
    """A policy for who has places of his own needs to know who he is."""
    with pytest.raises(BackupError, match="which writer"):
        policy("bucket", "", Role.WRITER)
    assert policy("bucket", "", Role.READER)
