"""UCD codes, which name one unit in hospitals: a table of CIS or CIP codes with theirs, put onto an edition."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import replace

from prescriptions.engine.reference.building import assemble
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.official import LARGEST, ROWS, Unreadable

KEYS = ("cis", "code_cis", "cip13", "code_cip13", "cip")
UCDS = ("ucd", "ucd13", "ucd7", "code_ucd")
CODE = re.compile(r"\d{7}|\d{13}", re.ASCII)


def read(data: bytes) -> dict[str, tuple[str, ...]]:
    """CIS or CIP13 -> its UCD codes (7 or 13 digits), from a table with a header (`;`, `,` or tab). Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(f"the table of UCD codes is larger than {LARGEST >> 20} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(";,\t", key=head.count))
    found: dict[str, list[str]] = defaultdict(list)
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        at_key = next((columns.index(name) for name in KEYS if name in columns), None)
        at_ucd = next((columns.index(name) for name in UCDS if name in columns), None)
        if at_key is None or at_ucd is None:
            raise Unreadable("UCD, line 1: a column cis or cip13 and a column ucd are expected")
        for line, cells in enumerate(rows, 2):
            if line > ROWS:
                raise Unreadable(f"the table of UCD codes has more than {ROWS} lines")
            if not any(cells):
                continue
            key, code = (cells[at].strip() if at < len(cells) else "" for at in (at_key, at_ucd))
            if not key.isdigit() or not CODE.fullmatch(code):
                raise Unreadable(f"UCD, line {line}: a CIS or CIP13 and a UCD code of 7 or 13 digits are expected")
            found[key].append(code)
    except csv.Error as error:
        raise Unreadable(f"UCD, line {rows.line_num}: {error}") from error
    return {key: tuple(dict.fromkeys(codes)) for key, codes in found.items()}


def put(reference: Reference, codes: dict[str, tuple[str, ...]], dated: str) -> tuple[Reference, int]:
    """(the edition with UCD codes on its products, how many products got some)."""
    products = []
    for product in reference.products:
        own = [*codes.get(product.cis, ())]
        for box in product.presentations:
            own.extend(codes.get(box.cip13, ()))
        products.append(replace(product, ucd=tuple(dict.fromkeys((*product.ucd, *own)))) if own else product)
    count = sum(one is not other for one, other in zip(products, reference.products, strict=True))
    about = replace(reference.about, edition=f"{reference.about.edition} + UCD {dated}".strip())
    return assemble(about, products, reference.terms), count
