"""The sealing of values, without Django."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vault import engine
from core.vault.engine import Key, Unopenable

KEY = Key(1, bytes(range(32)))
OTHER = Key(2, bytes(range(1, 33)))
BOUND = engine.binding(bytes(16), "test")
FROZEN = (
    "010001eac41903aeb818b8bdb30bd6a1abefa5bf2d62cbbb605899be2c4b"
    "2d6b2343c0a65675d7d6afbb6510b53e33f9638c24ddd4e20a165040eab5"
)


@given(st.binary(max_size=5000), st.text(min_size=1, max_size=60))
def test_what_is_sealed_opens(clear: bytes, context: str):
    """A value opens to what it was, and sealing adds 43 bytes whatever its size."""
    bound_to = engine.binding(bytes(16), context)
    sealed = engine.seal(KEY, clear, bound_to)
    assert engine.open_sealed({1: KEY}, sealed, bound_to) == clear
    assert len(sealed) == len(clear) + engine.OVERHEAD


@given(st.binary(max_size=200), st.data())
def test_a_changed_bit_is_found(clear: bytes, data: st.DataObject):
    """A value with any one bit changed, in header, selector, nonce, text or tag, doesn't open."""
    sealed = bytearray(engine.seal(KEY, clear, BOUND))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unopenable):
        engine.open_sealed({1: KEY, 2: OTHER}, bytes(sealed), BOUND)


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_the_same_way(noise: bytes):
    """What was never sealed is refused as unopenable, not with a trace of the parser."""
    with pytest.raises(Unopenable):
        engine.open_sealed({1: KEY}, noise, BOUND)


def test_equal_values_are_sealed_differently():
    """Two sealings of one value share nothing after the header."""
    first, second = engine.seal(KEY, b"sepsis", BOUND), engine.seal(KEY, b"sepsis", BOUND)
    assert first[:3] == second[:3]
    assert first[3:15] != second[3:15]
    assert first[15:27] != second[15:27]
    assert first[27:] != second[27:]


@pytest.mark.parametrize(
    "bound_to",
    [engine.binding(bytes(15) + b"\1", "test"), engine.binding(bytes(16), "test2")],
    ids=["owner", "context"],
)
def test_a_value_is_bound_to_its_place(bound_to: bytes):
    """A value sealed for one project and context opens for no other."""
    with pytest.raises(Unopenable):
        engine.open_sealed({1: KEY}, engine.seal(KEY, b"value", BOUND), bound_to)


def test_a_value_needs_its_key():
    """Another key of the same version doesn't open it."""
    with pytest.raises(Unopenable):
        engine.open_sealed({1: Key(1, bytes(32))}, engine.seal(KEY, b"value", BOUND), BOUND)


def test_the_format_is_fixed():
    """A value sealed by format 1, kept here as bytes, opens for ever."""
    sealed = bytes.fromhex(FROZEN)
    assert engine.open_sealed({1: KEY}, sealed, BOUND) == "température 38,5".encode()


def test_a_blind_index_tells_equality_only():
    """Equal values of one place have one index; another place or key gives another."""
    index = engine.blind_index(KEY, "1234567890123", BOUND)
    assert index == engine.blind_index(KEY, "1234567890123", BOUND)
    assert len(index) == 64
    others = {
        engine.blind_index(KEY, "1234567890124", BOUND),
        engine.blind_index(OTHER, "1234567890123", BOUND),
        engine.blind_index(KEY, "1234567890123", engine.binding(bytes(16), "other")),
    }
    assert index not in others
    assert len(others) == 3


def test_a_value_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Sealing is for values: past its limit it says so."""
    monkeypatch.setattr(engine, "LARGEST", 10)
    with pytest.raises(ValueError, match="at most 10 bytes"):
        engine.seal(KEY, b"x" * 11, BOUND)


def test_a_key_is_not_shown():
    """A key's text, as traces and logs would print it, has none of its bytes."""
    assert repr(KEY) == "<Key version 1>"


def encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def test_instance_keys_are_read():
    """One key in base64 is version 1; several are named by version."""
    assert engine.read_instance_keys(encoded(KEY.secret)) == {1: KEY}
    assert engine.read_instance_keys(f"2:{encoded(OTHER.secret)}, 1:{encoded(KEY.secret)}") == {1: KEY, 2: OTHER}


@pytest.mark.parametrize(
    "text",
    ["", "secret", encoded(b"x" * 31), encoded(b"x" * 33), f"0:{encoded(b'x' * 32)}", f"one:{encoded(b'x' * 32)}",
     f"{encoded(b'x' * 32)},1:{encoded(b'y' * 32)}"],
)  # fmt: skip
def test_bad_instance_keys_are_refused_without_being_shown(text: str):
    """A key of another length, without a version, or twice is refused, and the message holds no part of it."""
    with pytest.raises(ValueError, match=r"32 bytes|twice") as refused:
        engine.read_instance_keys(text)
    assert not text or text[-12:] not in str(refused.value)
