"""Shares of the master key: enough of them make it again, and what is wrong with the others is told."""

from __future__ import annotations

import itertools
import os
import random
from datetime import date

import pytest
import shamir_mnemonic
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic.wordlist import WORDLIST

from backup.engine.errors import BadKeyfile, KeyRefused
from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping import paper, shares, slip39
from backup.engine.keykeeping.lines import Mistyped
from backup.engine.keykeeping.shares import OtherSet, TooFew
from tests.backup.keykeeping.test_sheet import scanned

TODAY = date(2026, 11, 29)


def words(share: shares.Share) -> str:
    return " ".join(share.words)


@pytest.mark.parametrize(("threshold", "count"), [(2, 2), (2, 3), (3, 5), (16, 16)])
def test_any_few_are_enough(master: Key, threshold: int, count: int) -> None:
    """Every choice of as many shares as are needed gives the master key, in any order, typed or scanned."""
    made = shares.split(master, threshold, count)
    for few in itertools.islice(itertools.combinations(made, threshold), 10):
        mixed = random.sample(few, len(few))
        assert shares.combine([words(one) for one in mixed], master.repository, master.suite) == master
        assert shares.combine([one.code for one in mixed]) == master
    assert shares.combine([one.code for one in made]) == master


def test_the_code_is_scanned(master: Key) -> None:
    """The QR code of a share holds its words and which repository they are of."""
    made = shares.split(master, 2, 3)
    assert shares.combine([scanned(one.code) for one in made[1:]]) == master


def test_by_another_program(master: Key) -> None:
    """The library of those who made SLIP-39 reads our shares, and we read its."""
    assert master.seed is not None
    for threshold, count in ((2, 3), (3, 5), (9, 16)):
        made = random.sample(shares.split(master, threshold, count), threshold)
        assert shamir_mnemonic.combine_mnemonics([words(one) for one in made]) == master.seed
        [theirs] = shamir_mnemonic.generate_mnemonics(1, [(threshold, count)], master.seed, iteration_exponent=0)
        few = random.sample(theirs, threshold)
        assert shares.combine(few, master.repository, master.suite) == master


def test_the_words_are_those_of_the_standard() -> None:
    """The list of words is that of SLIP-39, and four letters tell each word from all others."""
    assert tuple(WORDLIST) == slip39.WORDS
    assert len({word[:4] for word in slip39.WORDS}) == 1024


def test_fewer_tell_nothing() -> None:
    """With one share less than are needed, every secret is as likely: a share of one split fits any other secret."""
    chance = random.Random(3)
    first, _, third = slip39.split(bytes(32), 3, 3, chance.randbytes)
    for _ in range(3):
        points = {first.index: first.value, third.index: third.value, 255: chance.randbytes(32)}
        other = slip39._at(1, points)
        assert slip39._at(255, {first.index: first.value, 1: other, third.index: third.value}) == points[255]


@settings(deadline=None, max_examples=20)
@given(st.binary(min_size=32, max_size=32), st.integers(2, 16), st.integers(0, 14), st.randoms(use_true_random=False))
def test_round_trip(secret: bytes, threshold: int, more: int, chance: random.Random) -> None:
    """Any secret is split and put together again, its words written and read."""
    made = slip39.split(secret, threshold, min(16, threshold + more), chance.randbytes)
    few = [
        slip39.read([slip39.WORDS.index(word) for word in slip39.write(one)]) for one in chance.sample(made, threshold)
    ]
    assert slip39.combine(few) == secret


def test_a_split_is_its_randomness(master: Key) -> None:
    """The same random bytes give the same shares: nothing else goes in."""
    made = [shares.split(master, 3, 5, random.Random(7).randbytes) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] != shares.split(master, 3, 5)


def test_loosely_typed(master: Key) -> None:
    """Numbers, case, line breaks and what follows the fourth letter of a word don't matter."""
    first, second, _ = shares.split(master, 2, 3)
    loose = "\n".join(f"{number}. {word[:4].title()}" for number, word in enumerate(first.words, 1))
    assert (
        shares.combine([loose, "\n".join(shares.draw(second, location="", today=TODAY).lines)], master.repository)
        == master
    )


def test_mistakes_have_a_place(master: Key) -> None:
    """A wrong word is told with its share and its place, all mistakes at once."""
    made = [list(one.words) for one in shares.split(master, 4, 4)]
    made[0][16] = "academic" if made[0][16] != "academic" else "acid"
    made[1][2] = "consœur"
    made[2].pop()
    made[3][4], made[3][5], made[3][9] = made[3][5], made[3][9], made[3][4]
    with pytest.raises(Mistyped) as refused:
        shares.combine([" ".join(one) for one in made], master.repository)
    assert refused.value.faults == {
        1: "word 17 is wrong",
        2: "no word of the list in place 3",
        3: "has 32 words where 33 are due",
        4: "a word is wrong",
    }
    assert str(refused.value).startswith("share 1: word 17 is wrong; share 2: ")


def test_every_wrong_word_is_found(master: Key) -> None:
    """Any one wrong word is noticed and its place found."""
    share, _ = shares.split(master, 2, 2)
    right = [slip39.WORDS.index(word) for word in share.words]
    for place in range(len(right)):
        wrong = [*right[:place], (right[place] + 1 + place * 31) % 1024, *right[place + 1 :]]
        with pytest.raises(ValueError, match="wrong"):
            slip39.read(wrong)
        assert slip39.wrong_place(wrong) == place


def test_too_few(master: Key) -> None:
    """It is told how many are missing; the same share twice counts once."""
    made = [words(one) for one in shares.split(master, 3, 5)]
    with pytest.raises(TooFew, match="2 different shares are here, 3 are needed") as refused:
        shares.combine([made[0], made[4], made[0]], master.repository)
    assert (refused.value.there, refused.value.needed) == (2, 3)
    with pytest.raises(TooFew):
        shares.combine([], master.repository)


def test_of_different_splits(master: Key) -> None:
    """A share of another split of the same key is named."""
    first, second = shares.split(master, 2, 3), shares.split(master, 2, 3)
    with pytest.raises(OtherSet, match="share 2 is of another split"):
        shares.combine([words(first[0]), words(second[1]), words(first[2])], master.repository)


def test_of_another_repository(master: Key) -> None:
    """Shares of another repository are refused, even where the seed is the same."""
    assert master.seed is not None
    other = keys.master(master.seed, bytes(16))
    ours, theirs = shares.split(master, 2, 2), shares.split(other, 2, 2)
    with pytest.raises(OtherSet, match="another repository"):
        shares.combine([one.code for one in theirs], master.repository)
    with pytest.raises(OtherSet, match="another repository"):
        shares.combine([ours[0].code, theirs[1].code])
    with pytest.raises(BadKeyfile, match="which repository"):
        shares.combine([words(one) for one in ours])


def test_forged_shares_dont_fit(master: Key) -> None:
    """Shares that are well typed but were changed together are refused by the digest inside."""
    made = [one.raw for one in shares.split(master, 2, 3)]
    forged = slip39.Share(made[0].identifier, 2, 0, os.urandom(32))
    typed = [" ".join(slip39.write(one)) for one in (forged, made[1])]
    with pytest.raises(BadKeyfile, match="fit together"):
        shares.combine(typed, master.repository)


def test_of_another_making(master: Key) -> None:
    """Shares in several groups, as other programs can make them, are refused in words."""
    assert master.seed is not None
    groups = shamir_mnemonic.generate_mnemonics(2, [(2, 2), (2, 2)], master.seed)
    with pytest.raises(Mistyped, match="another program"):
        shares.combine([groups[0][0]], master.repository)


def test_only_a_master_is_split(master: Key, reader: Key) -> None:
    """Derived keys aren't split: the master makes others."""
    with pytest.raises(KeyRefused):
        shares.split(reader, 2, 3)
    for threshold, count in ((1, 3), (4, 3), (2, 17), (0, 0)):
        with pytest.raises(ValueError, match="shares"):
            shares.split(master, threshold, count)


def test_what_stands_on_it(master: Key) -> None:
    """A share's sheet has its number, how many are needed, the repository, the key's control code, and its words."""
    share = shares.split(master, 3, 5)[1]
    drawing = shares.draw(share, location="s3:hospital", today=TODAY)
    plain = paper.plain(drawing)
    control = keyfile.control_code(keyfile.to_binary(keyfile.dump(master)))
    for due in ("part 2 sur 5 / Master key, share 2 of 5", "Shares needed: 3 / 5", control, master.repository.hex()):
        assert due in plain
    assert len(drawing.lines) == 11
    assert [word for line in drawing.lines for word in line.split() if word.isalpha()] == list(share.words)
    assert "academic" not in repr(share)
    assert share.words[5] not in repr(share)
    assert paper.page([drawing]).count("<article>") == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MASTER])
def test_the_master_again_makes_keys(master: Key, role: Role) -> None:
    """A master made again from shares derives keys as the first did."""
    again = shares.combine([words(one) for one in shares.split(master, 2, 2)], master.repository)
    key = keys.derive(again, role, label="", created=1)
    assert key.badge is not None
    assert keys.Badge.parse(key.badge.raw, master.repository, master.master, "badge").role is role
