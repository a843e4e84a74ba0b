"""Whether values look like what names a person: NIR and INS with their key, e-mail, telephone, hospital number."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MOST = 0.5
"""Share of the values that must look so."""
SOME = 0.01
"""Share from which on it is said that some do."""
_nir = re.compile(r"([1-478])([0-9]{2})(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])([0-9]{3})([0-9]{3})([0-9]{2})?")
_email = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,6}")
_phone = re.compile(r"(?:(?:\+|00)33|0)[1-9][0-9]{8}")
_ipp = re.compile(r"[A-Z]{0,3}[0-9]{7,12}")
_named_ipp = re.compile(r"(?:^|[^a-z])(ipp|nip|nda|iep|patient_?id|id_?patient|num_?patient|mrn)(?:$|[^a-z])")
_gaps = re.compile(r"[\s.\-_/]")


def is_nir(text: str) -> bool:
    """A number of the French register of persons: 13 signs and a right key, or 13 of its form without a key."""
    match = _nir.fullmatch(_gaps.sub("", text.upper()))
    if not match:
        return False
    *_parts, key = match.groups()
    if key is None:
        return True
    digits = match.group(0)[:13].replace("2A", "19").replace("2B", "18")  # Corsica, whose letters count as numbers
    return 97 - int(digits) % 97 == int(key)


def is_email(text: str) -> bool:
    return bool(_email.fullmatch(text.strip()))


def is_phone(text: str) -> bool:
    """A number of the French numbering plan, however it is cut into groups."""
    return bool(_phone.fullmatch(_gaps.sub("", text).replace("(0)", "")))


def is_ipp(text: str) -> bool:
    """The form of most hospitals' numbers of a patient: 7 to 12 digits, up to three letters in front."""
    return bool(_ipp.fullmatch(text.strip().upper()))


LOOKS: dict[str, Callable[[str], bool]] = {"nir": is_nir, "email": is_email, "phone": is_phone}


def looks_like(name: str, values: Sequence[str], *, distinct_share: float) -> str:
    """What the values look like: ``nir``, ``email``, ``phone``, ``ipp``, ``some_`` of the first three, or nothing.

    A hospital's number is told from other numbers by being nearly always another, or by the name of its column.
    """
    if not values:
        return ""
    shares = {kind: sum(map(looks, values)) / len(values) for kind, looks in LOOKS.items()}
    kind = max(shares, key=lambda kind: shares[kind])
    if shares[kind] >= MOST:
        return kind
    coded = sum(map(is_ipp, values)) / len(values)
    if coded >= MOST and (_named_ipp.search(name.lower()) or distinct_share > 0.9):
        return "ipp"
    return f"some_{kind}" if shares[kind] >= SOME else ""
