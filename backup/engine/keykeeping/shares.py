"""The master key in the hands of several people: any k of n shares make it again (FORMAT.md, section 14)."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from backup.engine.errors import BadKeyfile, KeyRefused
from backup.engine.format import keyfile, keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.keykeeping import slip39
from backup.engine.keykeeping.lines import Mistyped
from backup.engine.keykeeping.paper import Paper, Words

MARK = "SHARE"
_CODE = re.compile(rf"\s*{MARK}/([12])/([0-9A-F]{{32}})/([0-9A-F]{{8}})/([A-Z ]+)\s*")
_COLUMNS = 3
_WORDS = 33
_ADVICE = (
    Words(
        "Une part seule ne dit rien de la clé ; réunies, les parts nécessaires sont la clé maîtresse. Confiez chacune "
        "à une autre personne, en un autre lieu.",
        "One share alone tells nothing of the key; together, as many as are needed are the master key. Give each to "
        "another person, in another place.",
    ),
    Words(
        "Pour retrouver la clé, chacun scanne son code ou tape ses mots dans l’ordre ; leurs quatre premières lettres "
        "suffisent. Une faute est dite avec le numéro du mot.",
        "To get the key back, each scans his code or types his words in their order; their first four letters are "
        "enough. A mistake is told with the number of the word.",
    ),
    Words(
        "Les parts d’un nouveau partage ne vont pas avec celles d’avant, qui restent bonnes entre elles : "
        "détruisez-les.",
        "The shares of a new split don't go with those of before, which stay good among themselves: destroy those.",
    ),
    Words(
        "Le format est public : SLIP-0039 et backup/engine/FORMAT.md, section 14.",
        "The format is public: SLIP-0039 and backup/engine/FORMAT.md, section 14.",
    ),
)


class TooFew(BadKeyfile):
    """The shares are good, but more of them are needed."""

    def __init__(self, there: int, needed: int) -> None:
        self.there, self.needed = there, needed
        super().__init__(f"{there} different shares are here, {needed} are needed")


class OtherSet(BadKeyfile):
    """The shares aren't all of one split of one key."""


@dataclass(frozen=True, repr=False)
class Share:
    """One share with what is printed beside it. Printing the object shows nothing."""

    repository: bytes
    suite: int
    control: str
    count: int
    raw: slip39.Share

    @property
    def number(self) -> int:
        return self.raw.index + 1

    @property
    def words(self) -> tuple[str, ...]:
        return slip39.write(self.raw)

    @property
    def code(self) -> str:
        """What the QR code says."""
        control = self.control.replace("-", "")
        return f"{MARK}/{self.suite}/{self.repository.hex().upper()}/{control}/{' '.join(self.words).upper()}"


def split(master: Key, threshold: int, count: int, random: Callable[[int], bytes] = os.urandom) -> tuple[Share, ...]:
    """Shares of a master key, of which `threshold` are enough. Raises KeyRefused, ValueError for senseless numbers."""
    master.require(Role.MASTER)
    if master.seed is None:
        raise KeyRefused("the seed of this master key is held elsewhere and can't be split")
    control = _control(master)
    made = slip39.split(master.seed, threshold, count, random)
    return tuple(Share(master.repository, master.suite, control, count, one) for one in made)


def draw(share: Share, *, location: str, today: date) -> Paper:
    """The sheet of one share."""
    needed, number, count = share.raw.threshold, share.number, share.count
    cells = [f"{place:2} {word:<10}" for place, word in enumerate(share.words, 1)]
    rows = tuple("".join(cells[at : at + _COLUMNS]).rstrip() for at in range(0, len(cells), _COLUMNS))
    facts = (
        (Words("Parts nécessaires", "Shares needed"), f"{needed} / {count}"),
        (Words("Partage", "Split"), f"{share.raw.identifier:04x}"),
        (Words("Dépôt", "Repository"), share.repository.hex()),
        (Words("Lieu", "Location"), location),
        (Words("Code de contrôle de la clé", "Control code of the key"), share.control),
        (Words("Imprimé le", "Printed on"), today.isoformat()),
    )
    title = Words(f"Clé maîtresse, part {number} sur {count}", f"Master key, share {number} of {count}")
    return Paper(title, facts, _ADVICE, rows, share.code)


def combine(typed: Sequence[str], repository: bytes | None = None, suite: int | None = None) -> Key:
    """The master key again, from words as typed or codes as scanned.

    Repository and suite are those of any object in the store (`layout.parse`); a scanned code holds them too.
    Raises Mistyped with every share that has a mistake, OtherSet, TooFew, BadKeyfile.
    """
    scanned = {place: code for place, text in enumerate(typed, 1) if (code := _CODE.fullmatch(text.upper()))}
    shares = _read([scanned[place][4] if place in scanned else text for place, text in enumerate(typed, 1)])
    said = {(bytes.fromhex(code[2]), int(code[1])) for code in scanned.values()}
    where = said | ({(repository, suite or layout.AES)} if repository is not None else set())
    if len({place for place, _ in where}) > 1 or len(said) > 1:
        raise OtherSet("the shares are of another repository")
    if not where:
        raise BadKeyfile("the words don't say of which repository they are: give its id")
    _check_set(shares)
    place, kind = (said or where).pop()
    try:
        master = keys.master(slip39.combine(list(shares.values())), place, suite=kind)
    except ValueError as error:
        raise BadKeyfile(str(error)) from error
    if any(code[3] != _control(master).replace("-", "") for code in scanned.values()):
        raise OtherSet("the shares make a key, but not the one whose control code is on them")
    return master


def _read(rows: Sequence[str]) -> dict[int, slip39.Share]:
    """The shares by their place in what was typed."""
    shares: dict[int, slip39.Share] = {}
    faults: dict[int, str] = {}
    for place, row in enumerate(rows, 1):
        words = re.findall(r"[^\W\d_]+", row)
        numbers = {at: slip39.number(word) for at, word in enumerate(words, 1)}
        known = [number for number in numbers.values() if number is not None]
        if unknown := [str(at) for at, number in numbers.items() if number is None]:
            faults[place] = f"no word of the list in place {', '.join(unknown)}"
            continue
        if len(known) != _WORDS:
            faults[place] = f"has {len(known)} words where {_WORDS} are due"
            continue
        try:
            shares[place] = slip39.read(known)
        except ValueError as error:
            at = slip39.wrong_place(known)
            faults[place] = str(error) if at is None else f"word {at + 1} is wrong"
    if faults:
        raise Mistyped(faults, "share")
    return shares


def _check_set(shares: dict[int, slip39.Share]) -> None:
    splits = Counter((one.identifier, one.threshold, len(one.value)) for one in shares.values())
    if len(splits) > 1:
        [(usual, _)] = splits.most_common(1)
        odd = [str(at) for at, one in shares.items() if (one.identifier, one.threshold, len(one.value)) != usual]
        raise OtherSet(f"share {', '.join(odd)} is of another split than the others")
    needed = next((one.threshold for one in shares.values()), 2)
    if (there := len({one.index for one in shares.values()})) < needed:
        raise TooFew(there, needed)


def _control(master: Key) -> str:
    return keyfile.control_code(keyfile.to_binary(keyfile.dump(master)))
