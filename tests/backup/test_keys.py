"""Keys: derivation, keyfiles, passphrases, epochs, and what each role can do and can't."""

from __future__ import annotations

import base64
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backup.engine import format as package
from backup.engine.errors import BadKeyfile, Damaged, KeyRefused, PassphraseNeeded
from backup.engine.format import cipher, config, keyfile, keys, layout
from backup.engine.format.config import Config, Revoked
from backup.engine.format.keys import Badge, InMemory, Key, Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from tests.backup.conftest import Vault

FORMAT = Path(package.__file__).parents[1] / "FORMAT.md"
REPOSITORY = bytes(range(0xA0, 0xB0))
DERIVED = [role for role in Role if role is not Role.MASTER]


def table() -> Iterator[tuple[str, dict[Role, bool]]]:
    """What FORMAT.md, section 4, says that each role holds."""
    for row in re.findall(
        r"^\| `(.+?)` \|[^|]+\|(.+)\|$", FORMAT.read_text().split("## 4.")[1].split("## 5.")[0], re.MULTILINE
    ):
        cells = [cell.strip() for cell in row[1].split("|")]
        if len(cells) == len(DERIVED):
            yield row[0], {role: cell == "yes" for role, cell in zip(DERIVED, cells, strict=True)}


TABLE = dict(table())


@pytest.fixture(scope="module", params=layout.SUITES)
def master(request: pytest.FixtureRequest) -> Key:
    return keys.master(bytes(range(32)), REPOSITORY, suite=request.param)


@pytest.fixture(scope="module")
def every(master: Key) -> dict[Role, Key]:
    """A key of each role."""
    return {role: master if role is Role.MASTER else derived(master, role) for role in Role}


def derived(master: Key, role: Role, epoch: int = 0, *, isolate: bool = False) -> Key:
    return keys.derive(master, role, label=f"une clé {role.name}", created=1, epoch=epoch, isolate=isolate)


def held(key: Key) -> InMemory:
    assert isinstance(key.holder, InMemory)
    return key.holder


def sealed(master: Key, part: str, epoch: int = 0) -> bytes:
    assert master.seed is not None
    public = cipher.public_half(cipher.derive(master.seed, master.repository, f"{part} {epoch}"))
    return cipher.seal(master.suite, public, "test", b"here", b"content")


def opens(key: Key, master: Key, part: str, epoch: int = 0) -> bool:
    """Whether a key really opens what is sealed to a part; it then also says so beforehand."""
    try:
        content = key.unseal(part, epoch, "test", b"here", sealed(master, part, epoch), "it")
    except KeyRefused:
        assert not key.can_open(part, epoch)
        return False
    assert key.can_open(part, epoch)
    return content == b"content"


def armoured(raw: bytes) -> str:
    return f"{keyfile.BEGIN}\n\n{base64.b64encode(raw).decode()}\n{keyfile.END}\n"


# What each role holds


def test_the_table_is_read() -> None:
    """The table of FORMAT.md has a row for each purpose and a column for each role."""
    assert set(TABLE) == {"sign", *keys.SHARED, *(f"{part} <epoch>" for part in keys.PARTS)}
    assert not any(TABLE["sign"].values())


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_the_table_says(every: dict[Role, Key], role: Role) -> None:
    """Each role opens exactly the parts that FORMAT.md gives it, really; the master opens all."""
    master, key = every[Role.MASTER], every[role]
    for part in keys.PARTS:
        due = role is Role.MASTER or TABLE[f"{part} <epoch>"][role]
        assert opens(key, master, part) is due
        assert (part in keys.OPENS[role]) is due


@pytest.mark.parametrize("role", Role)
def test_a_role_knows_what_the_table_says(every: dict[Role, Key], role: Role) -> None:
    """Each role knows exactly the shared secrets that FORMAT.md gives it."""
    master, key = every[Role.MASTER], every[role]
    for secret in keys.SHARED:
        if role is Role.MASTER or TABLE[secret][role]:
            assert key.knows(secret) == cipher.derive(bytes(range(32)), REPOSITORY, secret) == master.shared[secret]
        else:
            with pytest.raises(KeyRefused, match=f"a {key.label} key doesn't hold"):
                key.knows(secret)


@pytest.mark.parametrize("role", DERIVED)
def test_a_keyfile_holds_no_more(every: dict[Role, Key], role: Role) -> None:
    """Not a byte in a keyfile is of a secret that FORMAT.md doesn't give its role, nor of another key."""
    raw = keyfile.to_binary(keyfile.dump(every[role]))
    for purpose, roles in TABLE.items():
        for name in {purpose.replace("<epoch>", epoch) for epoch in "01"}:
            assert (cipher.derive(bytes(range(32)), REPOSITORY, name) in raw) is (
                roles[role] and not name.endswith("1")
            )
    others = [held(key).signing for other, key in every.items() if other is not role]
    assert not any(secret in raw for secret in (bytes(range(32)), *others))
    assert held(every[role]).signing in raw


@pytest.mark.parametrize("role", Role)
def test_its_own_signature(every: dict[Role, Key], role: Role) -> None:
    """A key signs with a pair of its own, which its badge shows; the master's is the master key."""
    key = every[role]
    verify = key.badge.verify if key.badge else key.master
    assert cipher.check_signed(verify, key.signed(b"data"), "it") == b"data"
    assert key.key_id == keys.key_id(verify)
    assert len({one.key_id for one in every.values()}) == len(Role)


def test_two_keys_of_a_role_differ(master: Key) -> None:
    """Each derivation makes another pair, and the same shared secrets."""
    one, two = derived(master, Role.WRITER), derived(master, Role.WRITER)
    assert one.key_id != two.key_id
    assert one.shared == two.shared


def test_only_the_master_derives(every: dict[Role, Key]) -> None:
    """No derived key makes another, and there is one master."""
    for role in DERIVED:
        with pytest.raises(KeyRefused):
            derived(every[role], Role.READER)
    with pytest.raises(KeyRefused):
        derived(every[Role.MASTER], Role.MASTER)


def test_printing_a_key_shows_nothing(every: dict[Role, Key]) -> None:
    """A key that ends in a log or a traceback tells its role and its repository."""
    for role, key in every.items():
        assert repr(key) == str(key) == f"<Key {role.name.lower()} of repository {REPOSITORY.hex()}>"
        assert "InMemory object at" in repr(key.holder)


# Keyfiles


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("passphrase", ["", "un château de cartes"])
def test_keyfile_round_trip(every: dict[Role, Key], role: Role, passphrase: str) -> None:
    """A keyfile gives back the key that was written, protected or not, with its control code on it."""
    text = keyfile.dump(every[role], passphrase)
    assert keyfile.load(text, passphrase) == every[role]
    raw = keyfile.to_binary(text)
    assert f"Control: {keyfile.control_code(raw)}\n" in text
    assert f"Role: {role.name.lower()}\n" in text
    assert keyfile.is_protected(raw) is bool(passphrase)
    assert keyfile.to_binary(keyfile.armour(raw)) == raw


def test_passphrase(every: dict[Role, Key]) -> None:
    """A protected keyfile opens with its passphrase only, in any Unicode form of it, and shows nothing without."""
    reader = every[Role.READER]
    text = keyfile.dump(reader, "\u00e9t\u00e9")
    assert keyfile.load(text, "e\u0301te\u0301") == reader
    for wrong in ("", "ete", "\u00e9t\u00e9 "):
        with pytest.raises(PassphraseNeeded):
            keyfile.load(text, wrong)
    raw = keyfile.to_binary(text)
    secrets = [held(reader).signing, *held(reader).private.values(), *reader.shared.values()]
    assert not any(secret in raw for secret in secrets)


def test_the_same_passphrase_twice(every: dict[Role, Key]) -> None:
    """Two keyfiles under one passphrase have nothing in common but their prologue and cost."""
    one, two = (keyfile.to_binary(keyfile.dump(every[Role.READER], "word")) for _ in range(2))
    assert one[:25] == two[:25]
    assert one[25:41] != two[25:41]
    assert one[53:] != two[53:]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_every_flip_is_refused(every: dict[Role, Key], role: Role, flip: int) -> None:
    """A keyfile with any one byte changed is refused."""
    raw = keyfile.to_binary(keyfile.dump(every[role]))
    for place in range(len(raw)):
        with pytest.raises((BadKeyfile, PassphraseNeeded)):  # one of the bytes says whether it is protected
            keyfile.load(armoured(bytes([*raw[:place], raw[place] ^ flip, *raw[place + 1 :]])))


@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_every_flip_is_refused_behind_a_passphrase(
    every: dict[Role, Key], flip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A protected keyfile with any one byte changed is refused, with its right passphrase and without."""
    monkeypatch.setattr(keyfile, "_MEMORY_KIB", 32)
    monkeypatch.setattr(keyfile, "_PASSES", 1)
    raw = keyfile.to_binary(keyfile.dump(every[Role.READER], "word"))
    assert keyfile.load(armoured(raw), "word") == every[Role.READER]
    for place in range(len(raw)):
        changed = armoured(bytes([*raw[:place], raw[place] ^ flip, *raw[place + 1 :]]))
        for passphrase in ("word", ""):
            with pytest.raises((BadKeyfile, PassphraseNeeded)):
                keyfile.load(changed, passphrase)


@pytest.mark.parametrize("passphrase", ["", "word"])
def test_every_cut_is_refused(every: dict[Role, Key], passphrase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyfile that lacks its end, or has more than its end, is refused."""
    monkeypatch.setattr(keyfile, "_MEMORY_KIB", 32)
    monkeypatch.setattr(keyfile, "_PASSES", 1)
    raw = keyfile.to_binary(keyfile.dump(every[Role.WRITER], passphrase))
    for changed in (*(raw[:size] for size in range(len(raw))), raw + b"\0"):
        with pytest.raises((BadKeyfile, PassphraseNeeded)):
            keyfile.load(armoured(changed), passphrase)


def test_the_text_around_a_keyfile(every: dict[Role, Key]) -> None:
    """Lines for people aren't trusted and may be changed; what lacks a beginning, an end or a piece is refused."""
    text = keyfile.dump(every[Role.WRITER])
    assert keyfile.load(text.replace("Role: writer", "Role: master")) == every[Role.WRITER]
    assert keyfile.load(f"A mail said:\n\n{text.replace(chr(10), chr(13) + chr(10))}\nBye") == every[Role.WRITER]
    for cut in (text[:-40], text.replace("U0JL", "", 1), "", "hello", text.replace(keyfile.BEGIN, ""), text[:200]):
        with pytest.raises(BadKeyfile):
            keyfile.load(cut)


@pytest.mark.parametrize(("place", "value"), [(41, 1 << 31), (41, (1 << 20) + 1), (45, 17), (49, 17), (45, 0), (49, 0)])
def test_greedy_keyfile(every: dict[Role, Key], place: int, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyfile that asks for more memory, passes or lanes than a keyfile may is refused before any is taken."""
    raw = bytearray(keyfile.to_binary(keyfile.dump(every[Role.WRITER], "word")))
    raw[place : place + 4] = value.to_bytes(4, "little")
    taken: list[object] = []
    if value:
        monkeypatch.setattr(keyfile, "Argon2id", lambda **cost: taken.append(cost))
    with pytest.raises(BadKeyfile):
        keyfile.load(armoured(raw), "word")
    assert taken == []


@pytest.mark.parametrize("mode", [2, 7, 255])
def test_protected_in_an_unknown_way(every: dict[Role, Key], mode: int) -> None:
    """A keyfile protected in a way that version 1 doesn't know is refused."""
    raw = bytearray(keyfile.to_binary(keyfile.dump(every[Role.WRITER])))
    raw[24] = mode
    with pytest.raises(BadKeyfile):
        keyfile.load(armoured(raw), "word")


def test_a_role_cant_be_raised(every: dict[Role, Key], master: Key) -> None:
    """A body with another role, signed by the key itself and not by the master, is refused."""
    writer = every[Role.WRITER]
    raw = keyfile.to_binary(keyfile.dump(writer))
    body = cipher.unpack(raw[89:], "it") | {"role": int(Role.READER), "private": dict(held(master).private)}
    forged = raw[:24] + cipher.pack(body)
    with pytest.raises(BadKeyfile):
        keyfile.load(armoured(raw[:25] + writer.holder.sign(forged) + forged[24:]))


def test_a_key_that_is_elsewhere_has_no_keyfile(master: Key) -> None:
    """A key whose private halves are held by an agent or a token isn't written to a file."""

    class Elsewhere(InMemory):
        pass

    assert keyfile.dump(derived(master, Role.READER))
    away = Key(Role.READER, REPOSITORY, master.suite, master.master, object())  # type: ignore[arg-type]
    with pytest.raises(KeyRefused, match="held elsewhere"):
        keyfile.dump(away)


# Badges


def test_badges(every: dict[Role, Key]) -> None:
    """A badge counts if the master of its repository signed it, and if its id is that of its key."""
    master, writer = every[Role.MASTER], every[Role.WRITER]
    assert writer.badge is not None
    raw = writer.badge.raw
    assert Badge.parse(raw, REPOSITORY, master.master, "it") == writer.badge
    assert (writer.badge.role, writer.badge.label, writer.badge.created) == (Role.WRITER, "une clé WRITER", 1)
    stranger = keys.master(bytes(32), REPOSITORY, suite=master.suite)
    with pytest.raises(Damaged, match="signature"):
        Badge.parse(raw, REPOSITORY, stranger.master, "it")
    with pytest.raises(Damaged, match="another repository"):
        Badge.parse(raw, bytes(16), master.master, "it")
    body = cipher.unpack(raw[24:-64], "it")
    for changed in ({"key": bytes(16)}, {"role": 9}, {"verify": bytes(32)}, {"label": None} | {"key": None}):
        forged = master.signed(raw[:24] + cipher.pack(body | changed))
        with pytest.raises(Damaged):
            Badge.parse(forged, REPOSITORY, master.master, "it")


# Epochs and revocation


def epochs(master: Key, count: int) -> list[Config]:
    """The configs of a repository that went through so many epochs."""
    made = [config.read(config.first(master, isolated=False, now=1), master, layout.config_name(1))]
    while len(made) < count:
        raw = config.next_epoch(made[-1], master, now=len(made))
        made.append(config.read(raw, master, layout.config_name(len(made) + 1)))
    return made


@pytest.mark.parametrize("role", DERIVED)
def test_epochs(master: Key, role: Role) -> None:
    """A key of an epoch opens what is of its own and of every older one, through the config, and nothing newer."""
    configs = epochs(master, 4)
    for own in range(4):
        key = config.with_older(derived(master, role, own), configs[-1])
        for part, epoch in itertools.product(keys.PARTS, range(5)):
            assert opens(key, master, part, epoch) is (part in keys.OPENS[role] and epoch <= own)


def test_an_old_key_says_why(master: Key) -> None:
    """A key that is too old for what it is to open says so, unlike one that may never open it."""
    reader, lister = derived(master, Role.READER), derived(master, Role.LISTER)
    with pytest.raises(KeyRefused, match="older than what it is to open"):
        reader.unseal("data", 1, "test", b"here", sealed(master, "data", 1), "it")
    with pytest.raises(KeyRefused, match="a lister key can't open the data"):
        lister.unseal("data", 0, "test", b"here", sealed(master, "data"), "it")


def test_a_master_opens_every_epoch(master: Key) -> None:
    """The master derives the keys of every epoch from its seed."""
    assert master.seed is not None
    whole = keys.master(master.seed, REPOSITORY, suite=master.suite, epochs=4)
    assert whole.master == master.master
    for part, epoch in itertools.product(keys.PARTS, range(4)):
        assert opens(whole, master, part, epoch)
    assert not whole.can_open("data", 4)


def test_what_an_epoch_hands_over_is_its_own(master: Key) -> None:
    """The keys of an epoch before are sealed to this epoch and this part: elsewhere they don't open."""
    configs = epochs(master, 3)
    newest = derived(master, Role.READER, 2)
    for part, other in itertools.permutations(keys.PARTS, 2):
        context = REPOSITORY + b"\2\0"
        before = configs[-1].epochs[2].before
        assert newest.unseal(part, 2, "handed", context, before[part], "it")
        with pytest.raises(Damaged):
            newest.unseal(other, 2, "handed", context, before[part], "it")
        with pytest.raises(Damaged):
            newest.unseal(part, 2, "handed", REPOSITORY + b"\1\0", before[part], "it")


def test_a_config_is_the_masters(master: Key) -> None:
    """A config counts under its own number, unchanged to the byte, and signed by the master of the reader's keyfile."""
    reader = derived(master, Role.READER)
    raw = config.first(master, isolated=True, now=1)
    assert config.read(raw, reader, layout.config_name(1)).isolated
    with pytest.raises(Damaged, match="a name that isn't its own"):
        config.read(raw, reader, layout.config_name(2))
    for place in range(len(raw)):
        with pytest.raises(Damaged):
            config.read(bytes([*raw[:place], raw[place] ^ 1, *raw[place + 1 :]]), reader, layout.config_name(1))
    stranger = keys.master(bytes(32), REPOSITORY, suite=master.suite)
    with pytest.raises(Damaged, match="signature"):
        config.read(config.first(stranger, isolated=True, now=1), reader, layout.config_name(1))


def test_only_the_master_writes_configs(master: Key) -> None:
    """No derived key begins an epoch or revokes a key."""
    [first] = epochs(master, 1)
    for role in DERIVED:
        key = derived(master, role)
        with pytest.raises(KeyRefused):
            config.first(key, isolated=False, now=1)
        with pytest.raises(KeyRefused):
            config.next_epoch(first, key, now=1)
        with pytest.raises(KeyRefused):
            config.revoking(first, key, Revoked(key.key_id, 1, 0), now=1)


def test_revocations_add_up(master: Key) -> None:
    """Each revocation stays in every config after it, through epochs too."""
    one, two = (derived(master, Role.WRITER).key_id for _ in range(2))
    [read] = epochs(master, 1)
    for number, step in enumerate((Revoked(one, 5, 3), None, Revoked(two, 7, 0)), 2):
        raw = config.revoking(read, master, step, now=5) if step else config.next_epoch(read, master, now=6)
        before, read = read, config.read(raw, master, layout.config_name(number))
        assert cipher.unpack(raw[24:-64], "it")["previous"] == before.digest
    assert read.revoked == {one: Revoked(one, 5, 3), two: Revoked(two, 7, 0)}
    assert len(read.epochs) == 2


def test_what_a_revoked_key_wrote(vault: Vault) -> None:
    """Of a revoked writer its snapshots up to the last that counts stay; it saves no more."""
    saved = []
    for text in ("one", "two"):
        (vault.source / "note").write_text(text)
        saved.append(vault.save().snapshot)
    vault.opened(vault.master).revoke(vault.writer.key_id, last=1, now=5)
    found = list(vault.as_reader().examine(vault.as_reader().history()))
    assert [one.why if isinstance(one, Damaged) else one.id for one in found] == [
        saved[0],
        "signed by a key that was revoked",
    ]
    with pytest.raises(Damaged, match="revoked"):
        vault.save()


# Isolated repositories


def test_isolated_secrets_differ(master: Key) -> None:
    """In an isolated repository each writer has secrets of its own, which readers derive and no other writer has."""
    one, two = (derived(master, Role.WRITER, isolate=True) for _ in range(2))
    reader, pruner = derived(master, Role.READER, isolate=True), derived(master, Role.PRUNER, isolate=True)
    everybody = {secret: master.shared[secret] for secret in keys.SHARED}
    for secret in keys.SHARED:
        theirs = {one.knows(secret, one.key_id), two.knows(secret, two.key_id), everybody[secret]}
        assert len(theirs) == 3
        assert master.knows(secret, one.key_id) == one.knows(secret)
        for key in (reader, pruner):
            if secret in key.shared:
                assert key.knows(secret, two.key_id) == two.knows(secret)
    raw = keyfile.to_binary(keyfile.dump(one))
    assert not any(secret in raw for secret in (*everybody.values(), *two.shared.values()))
    assert keyfile.load(keyfile.dump(one)) == one


# In a repository


def test_key_of_another_repository(vault: Vault) -> None:
    """A key is refused by a repository that isn't its own, even where the master seed is the same."""
    assert vault.master.seed is not None
    other = keys.master(vault.master.seed, os.urandom(16))
    assert held(other).private != held(vault.master).private
    for key in (other, derived(other, Role.READER)):
        with pytest.raises(KeyRefused, match="another repository"):
            Repository.open(vault.store, key)


def test_writer_reads_nothing(vault: Vault) -> None:
    """With a writer key no snapshot, no index, no tree and no content opens, not even its own."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    snapshot = vault.snapshot(saved)
    with pytest.raises(KeyRefused):
        vault.as_writer().snapshots()
    with pytest.raises(KeyRefused):
        Catalogue(vault.as_writer(), snapshot)
    assert not any(opens(vault.writer, vault.master, part) for part in keys.PARTS)


def test_lister_lists_only(vault: Vault) -> None:
    """A lister sees when what was saved and how much, and no name, no content."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    lister = vault.opened(vault.lister)
    [snapshot] = lister.snapshots()
    assert (snapshot.id, snapshot.counts.files) == (saved.snapshot, 1)
    with pytest.raises(KeyRefused):
        Catalogue(lister, snapshot)


def test_pruner_reads_names_only(vault: Vault) -> None:
    """A pruner sees trees, to know what is needed, and no content."""
    (vault.source / "letter").write_text("Dear colleague")
    saved = vault.save()
    with pytest.raises(KeyRefused):
        vault.opened(vault.pruner).key.unseal("data", 0, "test", b"here", sealed(vault.master, "data"), "it")
    assert opens(vault.pruner, vault.master, "meta")
    assert vault.opened(vault.pruner).snapshot(saved.snapshot).counts.files == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WRITER])
def test_only_writers_save(vault: Vault, role: Role) -> None:
    """A key that may read may not save, and the master key stays out of daily work."""
    key = vault.master if role is Role.MASTER else vault.derive(role)
    with pytest.raises(KeyRefused, match="use one of: writer"):
        vault.save(writer=key, state="other")
    assert vault.objects("snapshots") == []


def test_an_older_key_reads_what_is_older(vault: Vault) -> None:
    """After a new epoch a reader of before opens what it opened, and is told to be renewed for what is newer."""
    (vault.source / "letter").write_text("Dear colleague")
    first = vault.save()
    vault.opened(vault.master).rekey(now=2)
    old, new = vault.reader, vault.derive(Role.READER)
    (vault.source / "letter").write_text("Dear friend")
    vault.save()
    with pytest.raises(KeyRefused, match="older than what it is to open"):
        vault.opened(old).snapshots()
    [older] = [one for one in vault.opened(new).snapshots() if one.id == first.snapshot]
    assert Catalogue(vault.opened(old), older).find(b"letter")["s"] == len("Dear colleague")
