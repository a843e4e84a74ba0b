"""Keys: derivation, keyfiles, passphrases, and what each role can do and can't."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backup.engine import format as package
from backup.engine.errors import BadKeyfile, Damaged, KeyRefused, PassphraseNeeded
from backup.engine.format import cipher, keyfile, keys
from backup.engine.format.keys import Badge, InMemory, Key, Role
from tests.backup.derived import DERIVED, REPOSITORY, derived, held, opens

FORMAT = Path(package.__file__).parents[1] / "FORMAT.md"


def table() -> Iterator[tuple[str, dict[Role, bool]]]:
    """What FORMAT.md, section 4, says that each role holds."""
    for row in re.findall(
        r"^\| `(.+?)` \|[^|]+\|(.+)\|$", FORMAT.read_text().split("## 4.")[1].split("## 5.")[0], re.MULTILINE
    ):
        cells = [cell.strip() for cell in row[1].split("|")]
        if len(cells) == len(DERIVED):
            yield row[0], {role: cell == "yes" for role, cell in zip(DERIVED, cells, strict=True)}


TABLE = dict(table())


@pytest.fixture(scope="module")
def every(master: Key) -> dict[Role, Key]:
    """A key of each role."""
    return {role: master if role is Role.MASTER else derived(master, role) for role in Role}


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
