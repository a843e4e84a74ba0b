"""Editions in an instance: loaded by a job or a command, kept side by side, one in use; UCD codes and OMOP concepts."""

from __future__ import annotations

import functools
import http.server
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from core import jobs
from core.access.demo import World
from core.access.people import NotAdministrator
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.files.models import StoredFile
from core.jobs.models import Job
from core.web.templatetags.web import when
from prescriptions import queries, reference, services
from prescriptions.engine.reference import building, storing
from prescriptions.engine.reference.archives import read_files
from prescriptions.engine.reference.starting import starter
from prescriptions.models import Reference
from prescriptions.services import fetching

ClientOf = Callable[[str], Client]
DATE = "2026-05-26"


@pytest.fixture
def publisher(bdpm: Path, settings: object) -> Iterator[str]:
    """A server that gives the files, as the publisher's does; it is the hospital's own, so it may be called."""
    handler = functools.partial(Quiet, directory=str(bdpm.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        settings.OUTGOING_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/bdpm/"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """The tests' own output says enough."""


def test_the_command(world: World, bdpm: Path, tmp_path: Path) -> None:
    """`load_bdpm` makes an edition by a job of an administrator; prescriptions are read with it from then on."""
    written = tmp_path / "reference"
    call_command("load_bdpm", str(bdpm), "--edition", DATE, "--write", str(written))
    kept = Reference.objects.get()
    assert (kept.is_current, str(kept), kept.count) == (True, f"BDPM {DATE}", 12)
    assert "ANSM" in kept.attribution
    assert Job.objects.get().state == Job.State.DONE
    assert reference.current()[0] == f"BDPM {DATE}"
    document = services.structure_text(world.user["owner"], world.project, "fictivol 500 mg : 1 cp le soir")
    assert queries.lines_of(document)[0].read.medication.atc == "N02BE99"
    assert document.reference == f"BDPM {DATE}"
    assert len(storing.read(written)) == 12
    assert not StoredFile.objects.filter(kind="reference-archive", erased_at=None).exists()
    with pytest.raises(CommandError, match="no folder"):
        call_command("load_bdpm", str(tmp_path / "nowhere"))


def test_the_same_again_changes_nothing(world: World, bdpm: Path) -> None:
    """The same files and date are the same edition; made of other files, it has another name."""
    call_command("load_bdpm", str(bdpm), "--edition", DATE)
    call_command("load_bdpm", str(bdpm), "--edition", DATE)
    assert Reference.objects.count() == 1
    (bdpm / "CIS_MITM.txt").unlink()
    call_command("load_bdpm", str(bdpm), "--edition", DATE)
    assert {str(row): row.is_current for row in Reference.objects.all()} == {
        f"BDPM {DATE}": False,
        f"BDPM {DATE} (2)": True,
    }
    assert Event.objects.filter(action="prescriptions.reference_loaded").count() == 2


def test_without_an_administrator(db: None, bdpm: Path, tmp_path: Path) -> None:
    """On a machine where nobody has an account yet, the command does it itself; or writes the file and nothing else."""
    call_command("load_bdpm", str(bdpm), "--edition", DATE, "--write", str(tmp_path / "a"), "--only-write")
    assert not Reference.objects.exists()
    assert len(storing.read(tmp_path / "a")) == 12
    call_command("load_bdpm", str(bdpm), "--edition", DATE)
    assert Reference.objects.get().loaded_by is None


def test_from_an_address(world: World, publisher: str, bdpm: Path) -> None:
    """The files are fetched one by one; what is optional may be missing, what is needed may not."""
    (bdpm / "CIS_CPD_bdpm.txt").unlink()
    job = services.load_reference(world.user["administrator"], DATE, address=publisher)
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.result["products"]) == (Job.State.DONE, 12)
    assert Reference.objects.get().source == publisher
    (bdpm / "CIS_COMPO_bdpm.txt").unlink()
    job = services.load_reference(world.user["administrator"], "2026-06-26", address=publisher)
    jobs.run_waiting()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "CIS_COMPO_bdpm.txt" in job.error
    assert Reference.objects.count() == 1


def test_damaged_files_change_nothing(world: World, publisher: str, bdpm: Path) -> None:
    """The job fails with the file and line, and the edition in use stays."""
    (bdpm / "CIS_bdpm.txt").write_text("<html>maintenance</html>")
    job = services.load_reference(world.user["administrator"], DATE, address=publisher)
    jobs.run_waiting()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "CIS_bdpm.txt, line 1" in job.error
    assert not Reference.objects.exists()


@pytest.mark.parametrize(
    "address", ["http://example.org/", "ftp://example.org/", "https://", "file:///etc/passwd", "https://a:b@example.org/",
                "https://example.org/" + "x" * 300]
)  # fmt: skip
def test_addresses_that_are_not_called(address: str) -> None:
    """Only https, and no password in the address."""
    with pytest.raises(Invalid):
        fetching.check(address)


@pytest.mark.parametrize("who", ["owner", "member", "researcher", "stranger"])
def test_who_may(world: World, who: str) -> None:
    """Editions are for those who run the instance."""
    kept = services.keep_reference(None, starter(), "here")
    with pytest.raises(NotAdministrator):
        services.load_reference(world.user[who], DATE, address=fetching.OFFICIAL)
    with pytest.raises(NotAdministrator):
        services.use_reference(world.user[who], kept)


def test_wrong_dates(world: World) -> None:
    """A date is one of the calendar."""
    with pytest.raises(Invalid):
        services.load_reference(world.user["administrator"], "26/05/2026", address=fetching.OFFICIAL)


def test_another_edition_is_noticed_and_the_old_one_is_at_hand(world: World, bdpm: Path) -> None:
    """Each reading asks which edition is current; an old one is read with by its name, if it is kept."""
    first = services.keep_reference(None, building.build(read_files(bdpm), name="BDPM", edition="2026-04"), "here")
    text = "FICTIVOL 500 mg : 1 cp le soir"
    assert reference.read(text)[1].lines[0].medication.atc == "N02BE99"
    (bdpm / "CIS_MITM.txt").write_bytes(b"60000001\tN02BE77\tFICTIVOL\thttp://example\n")
    services.keep_reference(None, building.build(read_files(bdpm), name="BDPM", edition="2026-05"), "here")
    assert reference.read(text)[0] == "BDPM 2026-05"
    assert reference.read(text)[1].lines[0].medication.atc == "N02BE77"
    name, again = reference.read(text, "BDPM 2026-04")
    assert (name, again.lines[0].medication.atc) == ("BDPM 2026-04", "N02BE99")
    services.use_reference(world.user["administrator"], first)
    assert reference.read(text)[1].lines[0].medication.atc == "N02BE99"
    assert Event.objects.filter(action="prescriptions.reference_chosen").count() == 1
    assert reference.read("DOLIPRANE 1 g : 1 cp", reference.STARTER)[0] == reference.STARTER
    with pytest.raises(Conflict):
        reference.named("BDPM 1999")


def test_an_edition_of_a_former_version(world: World) -> None:
    """It holds names only, so it can't be chosen."""
    old = Reference.objects.create(name="BDPM", edition="2025", digest="0" * 64, count=3)
    with pytest.raises(Conflict):
        services.use_reference(world.user["administrator"], old)
    assert reference.current()[0] == reference.STARTER


def test_ucd_codes(world: World, bdpm: Path, tmp_path: Path) -> None:
    """By CIS or CIP13 they go onto the products, as an edition of its own; a table that is none is refused by line."""
    services.keep_reference(None, building.build(read_files(bdpm), name="BDPM", edition=DATE), "here")
    table = tmp_path / "ucd.csv"
    table.write_text("CIP13;UCD\n3400900000011;3400890000001\n60000005;9000002\n60000005;9000003\n")
    call_command("load_ucd", str(table), "--dated", "2026-01")
    name, edition = reference.in_use()
    assert name == f"BDPM {DATE} + UCD 2026-01"
    for cis, codes in (("60000001", ("3400890000001",)), ("60000005", ("9000002", "9000003")), ("60000002", ())):
        product = edition.product(cis)
        assert product is not None
        assert product.ucd == codes
    table.write_text("CIS;UCD\n60000001;12\n")
    with pytest.raises(CommandError, match="UCD, line 2"):
        call_command("load_ucd", str(table))
    table.write_text("a;b\n")
    with pytest.raises(CommandError, match="UCD, line 1"):
        call_command("load_ucd", str(table))


RUIM = Path(__file__).parent / "data" / "ruim.rdf"


@pytest.mark.parametrize("packed", [False, True])
def test_ruim(world: World, bdpm: Path, tmp_path: Path, packed: bool) -> None:
    """The RUIM as it is published, or the RDF/XML in it: units of specialities and of boxes, whoever names whom."""
    services.keep_reference(None, building.build(read_files(bdpm), name="BDPM", edition=DATE), "here")
    file = tmp_path / f"terminologie-ref_interop_med-2026-01.{'zip' if packed else 'rdf'}"
    if packed:
        with zipfile.ZipFile(file, "w") as archive:
            archive.write(RUIM, "terminologie-ref_interop_med-2026-01.rdf")
    else:
        file.write_bytes(RUIM.read_bytes())
    call_command("load_ruim", str(file))
    name, edition = reference.in_use()
    assert name == f"BDPM {DATE} + UCD 2026-01"
    for cis, codes in (("60000001", "3400890000001"), ("60000005", "3400890000002"), ("60000011", "3400890000003")):
        product = edition.product(cis)
        assert product is not None
        assert product.ucd == (codes,)


BOMB = b'<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r>&b;</r>'


@pytest.mark.parametrize("data", [b"nothing", b"<a/>", BOMB, b"PK\x03\x04", b"<a>" * 80, RUIM.read_bytes()[:900]])
def test_what_is_no_ruim(world: World, tmp_path: Path, data: bytes) -> None:
    """Another file, one that names no unit, entities, what is cut off: refused in one sentence, nothing changes."""
    file = tmp_path / "ruim.rdf"
    file.write_bytes(data)
    with pytest.raises(CommandError, match="can't be read"):
        call_command("load_ruim", str(file))
    assert not Reference.objects.exists()


HEAD = ("concept_id concept_name domain_id vocabulary_id concept_class_id standard_concept concept_code "
        "valid_start_date valid_end_date invalid_reason")  # fmt: skip
CONCEPT = (
    "\t".join(HEAD.split())
    + """
1\tfictivol\tDrug\tBDPM\tDrug Product\t\t60000001\t19700101\t20991231\t
2\teterol 500 MG Oral Tablet\tDrug\tRxNorm\tClinical Drug\tS\t900\t19700101\t20991231\t
3\tbroad\tDrug\tATC\tATC 5th\tC\tN02BE99\t19700101\t20991231\t
4\tother\tDrug\tRxNorm\tIngredient\tS\t901\t19700101\t20991231\t
5\told\tDrug\tBDPM\tDrug Product\t\t60000002\t19700101\t20991231\tD
6\tOral route\tRoute\tSNOMED\tQualifier Value\tS\t26643006\t19700101\t20991231\t
7\tnot asked\tCondition\tSNOMED\tDisorder\tS\t1\t19700101\t20991231\t
"""
)
RELATIONSHIP = """concept_id_1\tconcept_id_2\trelationship_id\tvalid_start_date\tvalid_end_date\tinvalid_reason
1\t2\tMaps to\t19700101\t20991231\t
3\t2\tMaps to\t19700101\t20991231\t
3\t4\tMaps to\t19700101\t20991231\t
5\t2\tMaps to\t19700101\t20991231\t
"""


def test_concepts(world: World, tmp_path: Path) -> None:
    """Codes have the standard concept they map to; none where it is void, unknown, or one of several."""
    assert reference.concepts()("drug", "60000001") == 0
    (tmp_path / "CONCEPT.csv").write_text(CONCEPT)
    (tmp_path / "CONCEPT_RELATIONSHIP.csv").write_text(RELATIONSHIP)
    call_command("load_athena", str(tmp_path), "--dated", "2026-02-27")
    concepts = reference.concepts()
    found = {code: concepts(kind, code) for kind, code in (("drug", "60000001"), ("drug", "900"), ("drug", "N02BE99"),
             ("drug", "60000002"), ("route", "26643006"), ("route", "1"))}  # fmt: skip
    assert found == {"60000001": 2, "900": 2, "N02BE99": 0, "60000002": 0, "26643006": 6, "1": 0}
    assert reference.current()[0] == reference.STARTER
    (tmp_path / "CONCEPT.csv").write_text(CONCEPT.replace("60000001\t19700101", "60000001"))
    with pytest.raises(CommandError, match=r"CONCEPT\.csv, line 2"):
        call_command("load_athena", str(tmp_path))
    (tmp_path / "CONCEPT.csv").write_text("concept_id\n")
    with pytest.raises(CommandError, match="domain_id is missing"):
        call_command("load_athena", str(tmp_path))


def test_the_page_of_editions(world: World, client_of: ClientOf, bdpm: Path) -> None:
    """What is in use with its source, licence and date; every edition with its SHA-256; load another, switch back."""
    client = client_of("administrator")
    address = reverse("medicines:editions")
    page = client.get(address).content.decode()
    assert "Licence Ouverte" in page
    with override("fr"):
        assert when(starter().about.day) in page
    kept = services.keep_reference(None, building.build(read_files(bdpm), name="BDPM", edition=DATE), "here")
    other = services.keep_reference(None, building.build(read_files(bdpm), name="BDPM", edition="2026-06"), "here")
    page = client.get(address).content.decode()
    assert kept.digest in page
    assert str(other) in page
    assert client.post(reverse("medicines:use", args=[kept.pk])).status_code == 303
    kept.refresh_from_db()
    assert kept.is_current
    answer = client.post(address, {"address": fetching.OFFICIAL, "edition": DATE})
    assert answer.status_code == 302
    assert Job.objects.live().get().arguments["edition"] == DATE
    assert "job-progress" in client.get(address).content.decode()


def test_the_search_page(world: World, client_of: ClientOf) -> None:
    """Results for what is typed, alone for htmx; the product with its composition, codes and where they are from."""
    client = client_of("researcher")
    address = reverse("prescriptions:medicines", args=[world.project.slug])
    page = client.get(address, {"q": "levothyrox 75"}).content.decode()
    assert "LEVOTHYROX 75 microgrammes" in page
    assert "Licence Ouverte" in page
    part = client.get(address, {"q": "levothyrox 75"}, headers={"HX-Request": "true", "HX-Target": "rx-found"})
    assert b"<html" not in part.content
    assert b"LEVOTHYROX 75" in part.content
    assert client.get(address, {"q": "<script>"}).status_code == 200
    product = starter().search("levothyrox 75 µg")[0]
    page = client.get(reverse("prescriptions:medicine", args=[world.project.slug, product.cis])).content.decode()
    for word in ("75 µg", "H03AA01", "20053000", "10219000", product.cis):
        assert word in page, word
    assert client.get(reverse("prescriptions:medicine", args=[world.project.slug, "99999999"])).status_code == 404


def test_over_rest(world: World, api_of: Callable[[str], Client], bdpm: Path) -> None:
    """Search, one product, the editions; a text read with a named edition, or 409 where it isn't kept."""
    client = api_of("researcher")
    found = client.get("/api/v1/prescriptions/medicines/", {"search": "kardegic 75 mg"}).json()
    assert found[0]["name"].startswith("KARDEGIC 75 mg")
    assert len(client.get("/api/v1/prescriptions/medicines/", {"search": "paracetamol", "limit": "3"}).json()) == 3
    services.keep_reference(None, building.build(read_files(bdpm), name="BDPM", edition=DATE), "here")
    product = client.get("/api/v1/prescriptions/medicines/60000001/").json()
    assert product["presentations"][1]["price"] == 1234.56
    assert product["reference"] == f"BDPM {DATE}"
    assert product["atc_source"] == "official"
    assert client.get("/api/v1/prescriptions/medicines/60000099/").status_code == 404
    [row] = client.get("/api/v1/prescriptions/references/").json()
    assert (row["name"], row["is_current"]) == (f"BDPM {DATE}", True)
    asked = {"project": world.project.slug, "text": "FICTIVOL 500 mg : 1 cp", "reference": "starter"}
    assert client.post("/api/v1/prescriptions/structure/", asked, format="json").json()["reference"] == "starter"
    asked["reference"] = "BDPM 1999"
    assert client.post("/api/v1/prescriptions/structure/", asked, format="json").status_code == 409
