"""Read one pack whole: its name, its header against each list of it, and each blob."""

from __future__ import annotations

from dataclasses import dataclass, field

from backup.engine.checking.holdings import Listing
from backup.engine.checking.opened import Opened, opens, read_pack
from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher, layout, packs
from backup.engine.format.packs import Written
from backup.engine.repository import Repository


@dataclass
class Verdict:
    """What a pack turned out to be. Sound where nothing of it is damaged."""

    pack: bytes
    size: int = 0
    problems: list[Damaged] = field(default_factory=list)
    broken: list[tuple[int, int, Damaged]] = field(default_factory=list)
    """Blobs that don't open: which of the listings, which of its entries, and why."""
    distrusted: list[int] = field(default_factory=list)
    """Which of the listings aren't what the pack's own header says: whoever wrote those, the pack isn't to blame."""
    is_rotten: bool = False
    """The bytes of the pack itself are at fault."""
    is_mended: bool = False
    """They are, and its parity makes them good."""
    unreadable: Damaged | None = None
    """Why none of its blobs can be had."""
    sound: int = 0
    """Blobs that opened and are what their ids say."""


def read(repository: Repository, pack: bytes, listings: list[Listing]) -> Verdict:
    """Read a pack, and decode the blobs that the listings say are in it, as far as the key opens them."""
    verdict = Verdict(pack)
    name = layout.pack_name(pack)
    try:
        raw, wrong = read_pack(repository, pack)
    except Damaged as error:
        verdict.unreadable = error
        verdict.problems.append(error)
        return verdict
    verdict.size = len(raw)
    if wrong is not None:
        _blame(verdict, wrong)
        verdict.is_mended = cipher.digest(raw) == pack
    try:
        opened = Opened(repository, pack, raw)
    except Damaged as error:
        verdict.unreadable = error
        _blame(verdict, error)
        return verdict
    if not opens(repository, "meta"):
        return verdict
    header = _header(opened, verdict)
    kind = opened.start.prologue.kind
    for place, listing in enumerate(listings):
        fits = header is None or (listing.pack.kind == kind and _is_part(listing.pack.entries, header))
        if not fits:
            verdict.distrusted.append(place)
            verdict.problems.append(Damaged(name, "an index lists it otherwise than its own header"))
        if opens(repository, packs.part(kind)):
            _blobs(opened, place, listing, verdict, fits=fits)
        elif verdict.is_rotten:  # which blobs are hit shows only to who can open them
            verdict.unreadable = verdict.problems[0]
    return verdict


def listed(repository: Repository, pack: bytes, size: int) -> Written:
    """A pack as its own header lists it; nothing else of it is read. Raises Damaged."""
    opened = Opened(repository, pack)
    return Written(pack, size, opened.start.prologue.kind, opened.entries(size))


def _header(opened: Opened, verdict: Verdict) -> bytes | None:
    try:
        return opened.entries(verdict.size)
    except Damaged as error:
        _blame(verdict, error)
        return None


def _blobs(opened: Opened, place: int, listing: Listing, verdict: Verdict, *, fits: bool) -> None:
    for which, entry in enumerate(blobs.entries(listing.pack.entries, opened.name)):
        try:
            opened.content(entry, entry.type, listing.audience)
        except Damaged as error:
            verdict.broken.append((place, which, error))
            if fits:
                _blame(verdict, error)
            else:
                verdict.problems.append(error)
        else:
            verdict.sound += 1


def _blame(verdict: Verdict, found: Damaged) -> None:
    verdict.is_rotten = True
    verdict.problems.append(found)


def _is_part(entries: bytes, header: bytes) -> bool:
    """Whether an index lists nothing but what the header has: a writer lists of a joined pack what it may rely on."""
    return entries == header or _split(entries) <= _split(header)


def _split(entries: bytes) -> set[bytes]:
    return {entries[at : at + blobs.ENTRY_SIZE] for at in range(0, len(entries), blobs.ENTRY_SIZE)}
