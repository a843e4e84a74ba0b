"""Files sealed for a key, in the format of age."""

from __future__ import annotations

import io
import os

import pytest

from ecrf.engine.exports import age

SECRET = "AGE-SECRET-KEY-1A28Y26R9Y0UWUC0JYFTWMYJCQDMEG7Q7JR5EAEVVEQRDU7SRE7XSVU3MMF"
"""A key of another program, and what that program sealed for it: a text, a share of ours and one that nobody knows."""
SEALED = bytes.fromhex(
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e2058323535313920726c30724c47744c4f4f754b347a63684254576870787a4f4973"
    "543256427139516b546c3356626e72484d0a45723463534357354e51474f5674667a6c48725934526b717935684b73416f746b797150664e61"
    "747455770a2d3e203d2c466a472d677265617365205c2032206c747c4872414e4920217040494c4e0a33635364356d364e70366b39524d4447"
    "4e7578386d383241463135635574547850613136724531556971377a51784e76636c3074584477526d6d592f515233360a736144457a4a3157"
    "7639344a626c466f2f4a706439454858595a70424c5a75435041590a2d2d2d2049527368704c512b4b337458526753636b613347324f6b544f"
    "704938554e38356a7347316175646433706b0a96f1cfc45622ffee09ed4df0b5d1ace8df1292bbbbba1a4bbea0b89896fe9d1a9c3ad4568a1b"
    "58a190b99a02851cdeff"
)


def key() -> bytes:
    found = age.identity(SECRET)
    assert found is not None
    return found


def sealed(content: bytes) -> bytes:
    receiver = age.recipient(age.recipient_of(key()))
    assert receiver is not None
    out = io.BytesIO()
    sealing = age.Sealing(out, receiver)
    sealing.write(content[:7])
    sealing.write(content[7:])
    sealing.finish()
    return out.getvalue()


def opened(content: bytes, secret: bytes | None = None) -> bytes:
    out = io.BytesIO()
    age.open_sealed(io.BytesIO(content), secret or key(), out)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 200_000])
def test_whatever_its_size(size: int) -> None:
    """What is sealed opens again, also where a chunk ends exactly."""
    content = os.urandom(size)
    assert opened(sealed(content)) == content


def test_files_of_other_programs() -> None:
    """A file that another program sealed opens, whatever shares of the key it has for others."""
    assert opened(SEALED).decode() == "Poids : 72,5 kg\n"


def test_another_key() -> None:
    """Another key opens nothing, and that is said."""
    other = age.identity(age.new_identity())
    with pytest.raises(age.Unopenable) as caught:
        opened(sealed(b"x"), other)
    assert caught.value.code == "other_key"


@pytest.mark.parametrize("place", [-1, -20, 65600, 40])
def test_changed_files(place: int) -> None:
    """One byte that changes anywhere, and the file doesn't open."""
    content = bytearray(sealed(os.urandom(100_000)))
    content[place] ^= 1
    with pytest.raises(age.Unopenable):
        opened(bytes(content))


@pytest.mark.parametrize("left", [10, 100, 300, 65_752, 65_800])
def test_cut_files(left: int) -> None:
    """A file that is cut off doesn't open, wherever that is."""
    with pytest.raises(age.Unopenable):
        opened(sealed(os.urandom(100_000))[:left])


@pytest.mark.parametrize("text", ["", "age1", "age1qqqq", SECRET, age.recipient_of(key())[:-1] + "q", "é" * 62])
def test_no_recipients(text: str) -> None:
    """What is no key, or a key mistyped, is none."""
    assert age.recipient(text) is None


def test_key_files() -> None:
    """A key file may have comments; a key has one spelling in large letters."""
    assert age.identity(f"# created\n# public key: …\n{SECRET}\n") == key()
    assert age.identity("nothing") is None
    assert age.identity("") is None
