"""Keys on paper: the browser prints what Python prints, and has the same words for each mistake of who types."""

from __future__ import annotations

import itertools
import os
import random
import re
from datetime import date
from typing import Any

import numpy
import pytest
import zxingcpp

from backup.engine.errors import BadKeyfile
from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping import lines, shares, sheet, slip39
from backup.engine.keykeeping.lines import Mistyped
from tests.backup.browser.conftest import call
from tests.backup.browser.node import node, values

TODAY = date(2026, 11, 29)


@pytest.fixture
def master() -> Key:
    return keys.master(os.urandom(32), os.urandom(16))


def test_lines() -> None:
    """Bytes are the same lines in both, and lines of either are read by the other."""
    contents = [b"", b"a", *(os.urandom(size) for size in (19, 20, 21, 300, 1900))]
    written = values(*(("keykeeping/lines.js", "write", [content]) for content in contents))
    assert written == [list(lines.write(content)) for content in contents]
    assert values(*(("keykeeping/lines.js", "read", [typed]) for typed in written)) == contents


def slipped(line: str, at: int, sign: str) -> list[str]:
    """A line as tired people type it."""
    return [
        line.lower().replace(" ", ""),
        line[:at] + sign + line[at + 1 :],
        line[:at] + line[at : at + 2][::-1] + line[at + 2 :],
        line[:at] + "?" + line[at + 1 :],
        line[:-1],
        line.replace("0", "o").replace("1", "l"),
        "07 " + line[3:],
        "",
        line[3:],
        line.replace(" ", "-"),
    ]


def slips() -> list[list[str]]:
    """Sheets with a slip in one line each."""
    chance = random.Random(5)
    made = []
    for number in range(60):
        typed = list(lines.write(chance.randbytes(90)))
        place = chance.randrange(len(typed))
        at = chance.randrange(3, len(typed[place]))
        typed[place] = slipped(typed[place], at, chance.choice(lines.ALPHABET))[number % 10]
        if number % 3 == 0:
            chance.shuffle(typed)
        made.append(typed)
    return made


def outcome(read: Any, *arguments: Any) -> Any:
    """What Python reads, or how it refuses."""
    try:
        return read(*arguments)
    except Mistyped as error:
        return {"message": str(error), "faults": {str(number): why for number, why in error.faults.items()}}
    except BadKeyfile as error:
        return {"message": str(error)}


def told(answer: dict[str, Any]) -> Any:
    """The same of the browser."""
    if "error" not in answer:
        return answer.get("value")
    return {name: value for name, value in answer["error"].items() if name in ("message", "faults") and value}


def test_slips() -> None:
    """Whatever was typed is read, or refused with the same words at the same places, by both."""
    typed = slips()
    answers = node("call.mjs", [("keykeeping/lines.js", "read", [one]) for one in typed])
    assert [told(answer) for answer in answers] == [outcome(lines.read, one) for one in typed]


def test_sheets(master: Key) -> None:
    """The sheet of each kind of keyfile has the same lines, QR code and control code, and gives the keyfile back."""
    writer = keys.derive(master, Role.WRITER, label="w", created=1)
    kept = [keyfile.dump(master), keyfile.dump(writer), keyfile.dump(writer, "œuf")]
    drawn = [answer["value"] for answer in node("engine.mjs", [call("sheet", keyfile=text) for text in kept])]
    expected = [sheet.draw(text, location="", today=TODAY) for text in kept]
    assert [(tuple(one["lines"]), one["code"]) for one in drawn] == [(paper.lines, paper.code) for paper in expected]
    assert [one["control"] for one in drawn] == [keyfile.control_code(keyfile.to_binary(text)) for text in kept]
    assert len(drawn[0]["lines"]) == 3
    typed = [*(one["lines"] for one in drawn), *([one["code"]] for one in drawn)]
    back = node("engine.mjs", [call("fromSheet", lines=one) for one in typed])
    assert [answer["value"]["keyfile"] for answer in back] == [sheet.from_lines(one) for one in typed]
    [foreign] = node("engine.mjs", [call("fromSheet", lines=list(lines.write(b"\7other")))])
    assert foreign["error"]["message"] == "the sheet holds no key that this program knows"


def scanned(svg: str) -> str:
    """What a scanner reads in the drawing."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])  # type: ignore[index]
    pixels = numpy.full((size, size), 255, numpy.uint8)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        pixels[int(y), int(x) : int(x) + int(width)] = 0
    [found] = zxingcpp.read_barcodes(numpy.kron(pixels, numpy.ones((4, 4), numpy.uint8)), zxingcpp.BarcodeFormat.QRCode)
    return found.text


def test_codes_are_scanned(master: Key) -> None:
    """The QR codes of a short and a long sheet, and of a share, are read by a scanner; the drawing needs no style."""
    reader = keys.derive(master, Role.READER, label="r", created=1)
    codes = [sheet.draw(keyfile.dump(key), location="", today=TODAY).code for key in (master, reader)]
    codes.append(shares.split(master, 2, 3)[0].code)
    drawn = values(*(("keykeeping/qr.js", "svg", [code]) for code in codes))
    assert [scanned(one) for one in drawn] == codes
    assert not any("style" in one for one in drawn)


def test_the_list_of_words() -> None:
    """Both have the list of words of the standard."""
    made = values(*(("keykeeping/slip39.js", "number", [word[:4].upper()]) for word in slip39.WORDS[::50]))
    assert made == list(range(0, 1024, 50))


@pytest.mark.parametrize(("threshold", "count"), [(2, 3), (3, 5), (16, 16)])
def test_shares(master: Key, threshold: int, count: int) -> None:
    """Shares that the browser made give the master key in Python, and the other way round, typed or scanned."""
    text = keyfile.dump(master)
    theirs = shares.split(master, threshold, count)
    few = random.sample(theirs, threshold)
    made, typed, codes = node(
        "engine.mjs",
        [
            call("split", keyfile=text, threshold=threshold, count=count),
            call("combine", typed=[" ".join(one.words) for one in few], repository=master.repository.hex(), suite=1),
            call("combine", typed=[one.code.lower() for one in few]),
        ],
    )
    assert typed["value"]["keyfile"] == codes["value"]["keyfile"] == text
    for chosen in itertools.islice(itertools.combinations(made["value"], threshold), 5):
        assert shares.combine([one["code"] for one in chosen]) == master
        assert shares.combine([" ".join(one["words"]) for one in chosen], master.repository) == master


def test_what_is_wrong_with_shares(master: Key) -> None:
    """Too few shares, mistyped ones, ones of another split or repository are told as in Python."""
    made = [" ".join(one.words) for one in shares.split(master, 3, 5)]
    other = [" ".join(one.words) for one in shares.split(master, 3, 5)]
    elsewhere = shares.split(keys.master(os.urandom(32), os.urandom(16)), 2, 2)
    wrong = made[0].split()
    wrong[7] = "academic" if wrong[7] != "academic" else "acid"
    twice = list(wrong)
    twice[20] = "acne" if twice[20] != "acne" else "acid"
    typed = [
        made[:2],
        [made[0], made[0], made[1]],
        [" ".join(wrong), made[1], made[2]],
        [" ".join(twice), made[1], made[2]],
        [made[0], "not a word of it", made[2] + " academic"],
        [made[0], made[1], other[2]],
        [made[0].replace(" ", "\n 1. "), made[1].upper(), made[2][:-3]],
    ]
    where = {"repository": master.repository.hex(), "suite": 1}
    answers = node("engine.mjs", [call("combine", typed=one, **where) for one in typed])
    expected = [outcome(lambda one=one: keyfile.dump(shares.combine(one, master.repository, 1))) for one in typed]
    assert [told(answer)["keyfile"] if "value" in answer else told(answer) for answer in answers] == expected
    refused = node(
        "engine.mjs",
        [call("combine", typed=[one.code for one in elsewhere], **where), call("combine", typed=made[:3])],
    )
    assert [answer["error"]["message"] for answer in refused] == [
        "the shares are of another repository",
        "the words don't say of which repository they are: give its id",
    ]
