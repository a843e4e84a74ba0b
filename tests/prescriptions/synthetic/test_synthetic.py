"""Synthetic ordonnances: the same for the same seed, nobody's, and true to the letter."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from prescriptions.engine import decode, encode
from prescriptions.engine.schema import Medication
from prescriptions.engine.synthetic import coco, identifiers, output, people, records, secured
from prescriptions.engine.synthetic.catalogue import Catalogue
from prescriptions.engine.synthetic.documents import Document, Generator
from prescriptions.engine.synthetic.drawing import day_maxima, draw
from prescriptions.engine.synthetic.posologies import table
from prescriptions.engine.synthetic.profiles import MIX, PROFILES
from prescriptions.engine.synthetic.rendering import boxes, fonts, images, paper, setting
from prescriptions.engine.synthetic.saying.lines import HEADS
from prescriptions.engine.synthetic.saying.numbers import in_words, words
from prescriptions.engine.synthetic.saying.orders import ORDERS
from prescriptions.engine.synthetic.saying.pieces import text_of
from tests.prescriptions.synthetic.products import products

CATALOGUE = Catalogue(products())
DAY = dt.date(2026, 3, 1)


def drawn(count: int, seed: str = "1") -> list[Document]:
    return list(Generator(CATALOGUE, seed, MIX).documents(0, count))


def test_same_seed() -> None:
    """The same seed gives the same documents, whichever came before; another gives others."""
    generator = Generator(Catalogue(products()), "1", MIX)
    assert [records.case(one) for one in drawn(20)] == [records.case(one) for one in generator.documents(0, 20)]
    assert generator.document(13).text == drawn(20)[13].text
    assert drawn(5, "2")[0].text != drawn(5)[0].text


def test_spans() -> None:
    """Each span of a document holds the words that it says it holds, and every medicine has one for its name."""
    for document in drawn(200):
        for span in document.spans:
            assert document.text[span.start : span.end] == span.text != ""
        named = [span for span in document.spans if records.label(span.path) == "MEDICINE"]
        assert len(named) == len(document.items) == len(document.expected["medications"])


def test_splits() -> None:
    """No brand, order of a posology or letterhead that is trained with is tested with."""
    seen: dict[str, set[str]] = {"train": set(), "dev": set(), "test": set()}
    frames = {head.id for head in HEADS} | {"figure", "listed", "run-on"}
    for document in drawn(600):
        seen[document.split] |= {item.choice.product.brand for item in document.items}
        seen[document.split] |= set(document.templates) - frames
    assert all(seen.values())
    assert not seen["train"] & seen["dev"]
    assert not seen["train"] & seen["test"]
    assert not seen["dev"] & seen["test"]
    assert {order.split for order in ORDERS if not order.needs} == set(seen)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_profiles(profile: str) -> None:
    """Documents of each profile can be drawn, and each has medicines whose truth is a value of the schema."""
    for document in Generator(CATALOGUE, "3", {profile: 1}).documents(0, 15):
        assert document.profile == profile
        assert document.items
        for item in document.items:
            shown = encode(item.spoken.medication)
            assert encode(decode(Medication, shown)) == shown


def test_identifiers() -> None:
    """RPPS, FINESS and NIR fail their check, telephones are reserved for fiction, names are of the closed list."""
    for document in drawn(300):
        for span in document.spans:
            digits = "".join(filter(str.isdigit, span.text))
            match span.path.split("."):
                case ["prescriber", "rpps" | "finess"]:
                    assert not identifiers.luhn(digits)
                case ["patient", "nir"]:
                    assert not identifiers.nir_holds(span.text)
                case ["prescriber", "phone"]:
                    assert identifiers.fictional(span.text)
                case ["patient" | "prescriber", "name"]:
                    assert span.text in {*people.SURNAMES, *people.FEMALE, *people.MALE}
        assert all(identifiers.fictional(found[0]) for found in identifiers.PHONE.finditer(document.text))


def test_checks_of_identifiers() -> None:
    """A number with a right check digit is known as such: the checks can tell."""
    assert identifiers.luhn("79927398713")
    assert not identifiers.luhn("79927398714")
    assert identifiers.nir_holds("2 55 08 14 168 025 38")


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(CATALOGUE.choices) - 1), seed=st.integers(0, 10**6))
def test_doses(place: int, seed: int) -> None:
    """No day of a drawn prescription has more than the table's maximum for its class."""
    choice, chance = CATALOGUE.choices[place], random.Random(seed)
    profile = min(choice.posology.profiles)
    patient = people.person(profile, DAY, chance).patient
    medication = draw(choice.product, choice.posology, patient, chance)
    assert medication is not None
    most = day_maxima(medication.dosage, choice.product, choice.posology, patient)
    assert all(day <= choice.posology.most.high + 1e-6 for day in most)


def test_table() -> None:
    """Every row of the table of posologies is read, and names profiles that exist."""
    assert len(table()) > 200
    assert {profile for row in table() for profile in row.profiles} == set(PROFILES)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "un"), (21, "vingt et un"), (71, "soixante et onze"), (80, "quatre-vingts"), (97, "quatre-vingt-dix-sept"),
     (200, "deux cents"), (1012, "mille douze")],
)  # fmt: skip
def test_numbers_in_words(number: int, words: str) -> None:
    """Quantities of narcotics are written out as the law asks."""
    assert in_words(number) == words


def test_secure_forms() -> None:
    """What the law wants on a secure form is written out, within its days, with its strength and never renewable."""
    documents = list(Generator(CATALOGUE, "5", {"narcotics": 1, "palliative": 1}).documents(0, 200))
    items = [
        (one, item, days)
        for one in documents
        for item in one.items
        if (days := secured.most_days(item.choice.product.atc))
    ]
    assert len(items) > 100
    for document, item, days in items:
        text = text_of(item.spoken.said)
        assert not re.search(r"(?<!\()\d", text), text
        medication = item.spoken.medication
        lengths = [one.timing.bounds for one in medication.dosage if one.timing and one.timing.bounds]
        lengths += [medication.dispense.qsp] if medication.dispense and medication.dispense.qsp else []
        assert lengths
        assert all((one.value or 0) * secured.LENGTHS[one.unit or "d"] <= days for one in lengths)
        assert not (medication.dispense and medication.dispense.repeats)
        assert document.secured
        assert "dispense" not in document.expected["document"]
        if document.body != "run-on":
            assert "Nombre de spécialités prescrites" in document.text
    assert not any(one.secured for one in Generator(CATALOGUE, "5", {"dermatology": 1}).documents(0, 50))


@pytest.mark.parametrize(
    ("value", "said"),
    [(10, "dix"), (2.5, "deux virgule cinq"), (0.05, "zéro virgule zéro cinq"), (37.5, "trente-sept virgule cinq")],
)
def test_decimals_in_words(value: float, said: str) -> None:
    """A decimal is said as it is read aloud, each zero behind the comma too."""
    assert words(value) == said


def test_nobody_is_born_later() -> None:
    """A patient is born before the day of the ordonnance, and his age is that of this day."""
    for seed in range(200):
        person = people.person("paediatrics", DAY, random.Random(seed))
        assert person.born < DAY
        assert person.age == (DAY - person.born).days * 100 // 36525


def test_ledger() -> None:
    """Every value of a document has its source in the ledger."""
    for document in drawn(50):
        fields = records.ledger(document)["fields"]
        assert [field["path"] for field in fields] == [span.path for span in document.spans]
        assert all(field["source"] for field in fields)


def test_boxes(tmp_path: Path) -> None:
    """Each printed character has a box with ink in it, also after the page was worn; the same seed, the same bytes."""
    faces = fonts.prepare(Path(__file__).parents[3] / "node_modules" / "@fontsource", tmp_path)
    documents = drawn(6)
    papers = [paper.paper(document, faces) for document in documents]
    made = setting.pdfs(papers, tmp_path)
    assert made == setting.pdfs(papers, tmp_path)
    for document, pdf in zip(documents, made, strict=True):
        pages = images.shown(document.text, pdf, unprinted="|" if document.body == "table" else "")
        for page in pages:
            grey = page.image.convert("L")
            for one in page.placed:
                left, top, right, bottom = (
                    side * size for side, size in zip(images.sides(one.box), (*grey.size, *grey.size), strict=True)
                )
                part = grey.crop((int(left) - 1, int(top) - 1, int(right) + 2, int(bottom) + 2))
                assert part.getextrema()[0] < 200, document.text[one.offset]


@pytest.mark.parametrize("wear", ["clean", "skew+scan", "fax", "photo"])
def test_coco(tmp_path: Path, wear: str) -> None:
    """The COCO file loads, each box belongs to an image and a category, lies on it, and holds ink."""
    faces = fonts.prepare(Path(__file__).parents[3] / "node_modules" / "@fontsource", tmp_path)
    pictures, pages = [], []
    for document, _pdf, shown in output.Printer(faces, tmp_path, wear).pages(drawn(3, "8")):
        for page in shown:
            pictures.append(page.image.convert("L"))
            pages.append(coco.page(document, page, f"{document.id}.png", wear))
    found = json.loads("".join(coco.file(pages)))
    categories = {one["id"]: one["name"] for one in found["categories"]}
    assert [image["id"] for image in found["images"]] == list(range(1, len(pictures) + 1))
    assert len({one["id"] for one in found["annotations"]}) == len(found["annotations"]) > 20
    assert {"MEDICINE", "DOSE", "PATIENT_NAME"} <= {categories[one["category_id"]] for one in found["annotations"]}
    for one in found["annotations"]:
        picture = pictures[one["image_id"] - 1]
        left, top, width, height = one["bbox"]
        assert min(left, top) >= 0 < min(width, height)
        assert left + width <= picture.width + 1
        assert top + height <= picture.height + 1
        part = picture.crop((int(left), int(top), int(left + width) + 1, int(top + height) + 1))
        low, high = part.getextrema()
        assert high - low > 60, one


def test_command(tmp_path: Path) -> None:
    """`manage.py prescriptions generate` writes as many cases as asked, each with its truth; again, the same bytes."""
    for name in ("one", "two"):
        call_command(
            "prescriptions", "generate", "-n", "12", "--seed", "4", "-o", str(tmp_path / name), stdout=StringIO()
        )
    written = [(tmp_path / name / "documents.jsonl").read_bytes() for name in ("one", "two")]
    assert written[0] == written[1]
    cases = [json.loads(line) for line in written[0].splitlines()]
    assert len(cases) == 12
    assert all(case["expected"]["medications"] for case in cases)
    assert len(list((tmp_path / "one" / "brat").glob("*.ann"))) == 12
    assert json.loads((tmp_path / "one" / "privacy.json").read_text())["passed"]
    assert (tmp_path / "one" / "privacy.md").read_text().startswith("# ")
    assert len((tmp_path / "one" / "fhir.ndjson").read_text().splitlines()) == 12


def test_misplaced(tmp_path: Path) -> None:
    """A page that says something else is refused: a truth that isn't certain is none."""
    document = drawn(1)[0]
    (pdf,) = setting.pdfs([paper.paper(document, ())], tmp_path)
    with pytest.raises(boxes.Misplaced):
        boxes.place(f"x{document.text}", pdf)
