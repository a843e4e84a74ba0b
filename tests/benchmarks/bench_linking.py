"""Linking of medicines, with the whole public list where its files are at hand, and with the starter: `make bench`.

Three measures: real misspellings of names (and near words that are none), lines made of real products in the ways that
prescribers write them, and the speed of reading and linking on one core.
"""

from __future__ import annotations

import csv
import os
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from prescriptions import engine
from prescriptions.engine import linking
from prescriptions.engine.reference import building, official, storing
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.names import international
from prescriptions.engine.reference.product import Product
from prescriptions.engine.reference.quantities import same
from prescriptions.engine.reference.starting import starter
from prescriptions.engine.schema import Strength
from prescriptions.engine.text import plain

ROOT = Path(__file__).resolve().parents[2]
TRIAL_DATA = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared" / "data"))
LINES = 3000
TYPOS = [("doliprnae", "doliprane", True), ("kargdegic", "kardegic", True), ("metformie", "metformine", True),
         ("amoxiciline", "amoxicilline", True), ("levothyrx", "levothyrox", True), ("semaine", "", False),
         ("bernard", "", False), ("fraction", "", False)]  # fmt: skip
SHORT = {"comprimé": ("cp", "cpr", "comprimé"), "gélule": ("gél", "gélule"), "crème": ("crème",), "sirop": ("sirop",),
         "suppositoire": ("suppo",), "collyre": ("collyre",), "solution buvable": ("sol buv",),
         "solution injectable": ("sol inj",), "comprimé effervescent": ("cp eff",),
         "comprimé gastro-résistant": ("cp GR",), "comprimé orodispersible": ("cp orodisp",)}  # fmt: skip


def references() -> Iterator[Reference]:
    """The starter; then the whole list, read back from its file."""
    yield starter()
    folder = TRIAL_DATA / "bdpm"
    if not folder.is_dir():
        return
    began = time.perf_counter()
    files = official.read_files(folder)
    weights = {product.cis: product.weight for product in starter().products}
    made = building.build(files, name="BDPM", edition="2026-05-26", weights=weights)
    built = time.perf_counter()
    data = storing.dump(made)
    tracemalloc.start()
    dumped = time.perf_counter()
    found = storing.load(data)
    loaded = time.perf_counter()
    _ = found.lexicon
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    sold = [product for product in made.products if product.marketed]
    sources = Counter(product.atc_source or "none" for product in sold)
    print(
        f"\n{found}: {len(found)} products, built in {built - began:.1f} s, file {len(data) / 1e6:.1f} MB, loaded in "
        f"{loaded - dumped:.3f} s (traced), {held / 1e6:.0f} MB; ATC of {len(sold)} marketed: {dict(sources)}"
    )
    yield found


def typos() -> list[tuple[str, str, bool]]:
    path = TRIAL_DATA / "prescriptions" / "typos" / "romedi_dfFautePrediction.csv"
    if not path.is_file():
        return TYPOS
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream, delimiter="\t"))[1:]
    return [(wrong, right, flag == "1") for wrong, right, flag in rows if wrong != right]


def test_links() -> None:
    for reference in references():
        misspelt(reference)
        linked(reference)
        speed(reference)


def misspelt(reference: Reference) -> None:
    """Names as they were really misspelt, at the head of a line; and near words that are no medicines, alone."""
    names = {plain(term.name) for term in reference.terms}
    counted: Counter[str] = Counter()
    for wrong, right, meant in typos():
        if not meant:
            counted["others"] += 1
            counted["false alarms"] += bool(engine.read_ordonnance(wrong, reference.lexicon).lines)
        elif right in names and wrong not in names:
            line = engine.read_line(f"{wrong} 10 mg : 1 cp le matin", reference.lexicon)
            found = plain(line.medication.name or "")
            known = bool(reference.lexicon.longest(found.split()))
            counted["names"] += 1
            counted["top-1" if found == right else "wrong" if known else "missed"] += 1
    total = counted["names"]
    print(
        f"{reference}: misspelt names {total}: top-1 {counted['top-1'] / total:.3f}, wrong {counted['wrong'] / total:.3f}, "
        f"missed {counted['missed'] / total:.3f}; false alarms {counted['false alarms']} of {counted['others']} near words"
    )


def written(product: Product, random_: random.Random) -> str:
    """A line as a prescriber writes it: brand or international name, strength in one of its units, form or none."""
    inns = international(product)
    name = product.brand
    if inns and random_.random() < 0.3:
        name = random_.choice((" / ", "/", " + ", "-")).join(inns)
    size = "/".join(amount(strength, random_) for strength in product.strengths)
    form = random_.choice((*SHORT.get(product.form or "", ()), ""))
    return f"{name.upper()} {size} {form}".strip() + " : 1 le matin"


def amount(strength: Strength, random_: random.Random) -> str:
    value, unit = strength.value, strength.unit
    if unit == "mg" and value >= 1000 and random_.random() < 0.5:
        value, unit = value / 1000, "g"
    if unit == "mg" and value < 1 and random_.random() < 0.5:
        value, unit = value * 1000, "µg"
    per = f"/{strength.per.value:g} {strength.per.unit}" if strength.per else ""
    return f"{value:g} {unit}{per}".replace(".", ",")


def linked(reference: Reference) -> None:
    """Lines of real products: whether the best link is that medicine (same substances, strengths and form)."""
    random_ = random.Random(7)
    products = [one for one in reference.products if one.marketed and one.strengths and one.form]
    counted: Counter[str] = Counter()
    for product in random_.sample(products, min(LINES, len(products))):
        line = engine.read_line(written(product, random_), reference.lexicon)
        links = linking.link_line(line, reference)
        counted["lines"] += 1
        counted["top-1"] += bool(links) and alike(links[0].product, product)
        counted["top-5"] += any(alike(one.product, product) for one in links)
        counted["none"] += not links
        counted["atc"] += bool(links) and links[0].product.atc == product.atc
        counted["strength seen as wrong"] += bool(links) and links[0].strength_ok is False
    lines = counted["lines"]
    shares = ", ".join(f"{key} {counted[key] / lines:.3f}" for key in counted if key != "lines")
    print(f"{reference}: {lines} lines of real products: {shares}")


def alike(one: Product, other: Product) -> bool:
    return one.cis == other.cis or (
        set(international(one)) == set(international(other))
        and len(one.strengths) == len(other.strengths)
        and all(same(a, b) for a, b in zip(one.strengths, other.strengths, strict=True))
    )


def speed(reference: Reference) -> None:
    """Reading alone, and with links, of lines of which each comes ten times, as in a hospital's day."""
    random_ = random.Random(3)
    products = [one for one in reference.products if one.marketed and one.weight > 0 and one.strengths]
    lines = [written(product, random_) for product in random_.sample(products, min(300, len(products)))] * 10
    random_.shuffle(lines)
    began = time.process_time()
    read = [engine.read_line(line, reference.lexicon) for line in lines]
    reading = time.process_time() - began
    began = time.process_time()
    for line in read:
        linking.link_line(line, reference)
    links = time.process_time() - began
    print(
        f"{reference}: {len(lines) / reading:,.0f} lines/s read, {len(lines) / (reading + links):,.0f} lines/s read and "
        f"linked ({links / len(lines) * 1e6:.0f} µs a link)"
    )
