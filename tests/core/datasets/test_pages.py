"""Pages of datasets."""

from __future__ import annotations

import io

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from core import datasets
from core.audit.models import Event
from core.datasets.models import DatasetVersion, Upload
from core.datasets.services import uploads
from core.datasets.templatetags.datasets import shown
from tests.queries import queries_of

GOOD = "id;âge;lactate\n1;71;4,5\n2;64;\n".encode("cp1252")


def page(name: str, version: DatasetVersion) -> str:
    return reverse(f"datasets:{name}", args=[version.dataset.project.slug, version.dataset.name, version.number])


def test_the_list(client_of, world, version):
    """The list shows each dataset with the state of its newest version."""
    text = client_of("owner").get(reverse("datasets:list", args=[world.project.slug])).content.decode()
    assert "Séjours de réanimation" in text
    assert "données de santé" in text


def test_the_list_costs_the_same(client_of, world, version, table, django_assert_max_num_queries):
    """Ten more datasets cost no more queries."""
    client, address = client_of("owner"), reverse("datasets:list", args=[world.project.slug])
    before = queries_of(client, address)
    for number in range(10):
        datasets.publish(world.user["owner"], world.project, f"d{number}", table, title=f"D{number}", provenance={})
    assert queries_of(client, address) == before


def test_an_empty_list_offers_the_first_step(client_of, world):
    """Without any dataset, who may upload is told how."""
    address = reverse("datasets:list", args=[world.project.slug])
    assert reverse("datasets:upload", args=[world.project.slug]) in client_of("owner").get(address).content.decode()
    monitor = client_of("monitor").get(address).content.decode()
    assert reverse("datasets:upload", args=[world.project.slug]) not in monitor


@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        ("version", "owner", 200), ("version", "monitor", 200), ("version", "member", 404),
        ("version", "stranger", 404),
        ("rows", "owner", 200), ("rows", "researcher", 200), ("rows", "monitor", 403), ("rows", "stranger", 404),
        ("csv", "owner", 200), ("csv", "researcher", 403), ("csv", "stranger", 404),
    ],
)  # fmt: skip
def test_who_sees_what(client_of, version, name, who, status):
    """The dictionary is for who sees datasets, the rows for who reads data, the file for who exports."""
    assert client_of(who).get(page(name, version)).status_code == status


def test_the_dictionary(client_of, version):
    """The page of a version says each column's label, type, unit, codes and missing values."""
    text = client_of("owner").get(page("version", version)).content.decode()
    for words in ("Lactate", "mmol/L", "Femme", "nombre entier", "Séjours de réanimation"):
        assert words in text
    assert not Event.objects.filter(action="datasets.version_read").exists()


def test_seeing_rows_is_a_reading(client_of, version):
    """The rows are shown, and that they were seen is in the journal."""
    text = client_of("owner").get(page("rows", version)).content.decode()
    assert "8,1" in text
    assert Event.objects.get(action="datasets.version_read").details["purpose"] == "preview"


def test_a_script_in_a_cell_is_text(client_of, world):
    """What a cell holds is shown, never run."""
    import pyarrow as pa

    table = pa.table({"<b>x</b>": ["<script>alert(1)</script>"]})
    version = datasets.publish(
        world.user["owner"],
        world.project,
        "script",
        table,
        title="<script>alert(2)</script>",
        provenance={"<i>": "<u>"},
    )
    for name in ("version", "rows", "origin"):
        text = client_of("owner").get(page(name, version)).content.decode()
        assert "<script>alert" not in text
        assert "<b>x" not in text
        assert "<u>" not in text


def test_downloads(client_of, version, table):
    """A version is downloaded as CSV and as Parquet; each time it is in the journal."""
    client = client_of("owner")
    csv = client.get(page("csv", version))
    assert csv["Content-Disposition"] == 'attachment; filename="stays-v1.csv"'
    lines = csv.getvalue().decode("utf-8-sig").splitlines()
    assert (lines[0], lines[1], len(lines)) == ("stay,sex,lactate", "1,F,1.2", 7)
    parquet = client.get(page("parquet", version)).getvalue()
    assert pq.read_table(io.BytesIO(parquet)).equals(table)
    events = Event.objects.filter(action="datasets.version_exported").order_by("pk")
    assert [event.details["form"] for event in events] == ["csv", "parquet"]


def send(client, world, data: bytes = GOOD, **changes):
    form = {"file": SimpleUploadedFile("t.csv", data), "name": "labs", "title": "Analyses", "sensitivity": "health"}
    return client.post(reverse("datasets:upload", args=[world.project.slug]), {**form, **changes})


def plan_of(client, address: str) -> dict[str, str]:
    """What the page's form would send back."""
    form = client.get(address).context["form"]
    values = {bound.html_name: bound.value() for bound in form}
    return {name: "on" if value is True else value for name, value in values.items() if value not in (False, None)}


def test_an_upload_in_the_browser(client_of, world):
    """A file is sent, checked and published, and its page is shown."""
    client = client_of("owner")
    sent = send(client, world)
    assert sent.status_code == 303
    page_ = client.get(sent.url)
    assert "Windows-1252" in page_.content.decode()
    done = client.post(sent.url, {**plan_of(client, sent.url), "act": "publish"})
    version = DatasetVersion.objects.get()
    assert done.url == version.get_absolute_url()
    assert [column["type"] for column in version.columns] == ["integer", "integer", "number"]
    assert client.get(sent.url).url == version.get_absolute_url()


def test_a_name_and_a_type_are_corrected(client_of, world):
    """A column is published under the name and the type that the person chose."""
    client = client_of("owner")
    sent = send(client, world)
    plan = {**plan_of(client, sent.url), "columns.1": "patient", "type.1": "text", "act": "publish"}
    client.post(sent.url, plan)
    column = DatasetVersion.objects.get().columns[0]
    assert (column["name"], column["type"]) == ("patient", "text")


def test_another_dialect_is_shown_first(client_of, world):
    """When how the file is written is changed, the new columns are shown before anything is published."""
    client = client_of("owner")
    sent = send(client, world)
    answer = client.post(sent.url, {**plan_of(client, sent.url), "delimiter": ",", "act": "publish"})
    assert answer.url == sent.url
    assert not DatasetVersion.objects.exists()
    assert len(client.get(sent.url).context["upload"].plan["columns"]) != 3


def test_faults_are_listed(client_of, world):
    """A broken file is refused with each fault's row, column and reason, and stays to be read another way."""
    client = client_of("owner")
    sent = send(client, world)
    answer = client.post(sent.url, {**plan_of(client, sent.url), "type.3": "date", "act": "publish"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "lactate" in text
    assert Upload.objects.get().faults["count"] == 1
    assert not DatasetVersion.objects.exists()


def test_a_bad_form_says_why(client_of, world):
    """A missing file, a bad name: the form comes back with its faults, and nothing is kept."""
    answer = send(client_of("owner"), world, name="Not a name")
    assert answer.status_code == 422
    assert not Upload.objects.exists()


def test_a_dropped_upload(client_of, world):
    """Dropping the file leads back to the list; its page then says that it is gone."""
    client = client_of("owner")
    sent = send(client, world)
    pk = Upload.objects.get().pk
    answer = client.post(reverse("datasets:drop", args=[world.project.slug, pk]))
    assert answer.url == reverse("datasets:list", args=[world.project.slug])
    assert client.get(sent.url).context["gone"] is True


def test_an_upload_is_of_its_sender(client_of, world):
    """Another person who may upload doesn't see a file that isn't published."""
    sent = send(client_of("owner"), world)
    assert client_of("researcher").get(sent.url).status_code == 404


def test_a_large_upload_shows_its_job(client_of, world, monkeypatch):
    """A large file is read by a job, whose progress the page shows."""
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    client = client_of("owner")
    sent = send(client, world)
    answer = client.post(sent.url, {**plan_of(client, sent.url), "act": "publish"})
    assert answer.url == sent.url
    assert "<job-progress" in client.get(sent.url).content.decode()


def test_many_columns_are_not_edited(client_of, world):
    """With more columns than a page can hold, they are published as they were detected."""
    client = client_of("owner")
    data = (",".join(f"c{n}" for n in range(400)) + "\n" + ",".join(["1"] * 400) + "\n").encode()
    sent = send(client, world, data)
    assert not client.get(sent.url).context["form"].editable
    client.post(sent.url, {**plan_of(client, sent.url), "act": "publish"})
    assert len(DatasetVersion.objects.get().columns) == 400


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_are_in_both_languages(client_of, world, version, language):
    """Each page answers in French and in English."""
    client = client_of("owner")
    world.user["owner"].language = language
    world.user["owner"].save()
    words = {"fr": "Colonnes", "en": "Columns"}[language]
    with translation.override(language):
        assert words in client.get(page("version", version)).content.decode()


@pytest.fixture
def sent(world) -> Upload:
    """A file that waits to be published."""
    said = {"name": "labs", "title": "Analyses", "sensitivity": "health", "file_name": "labs.csv"}
    return uploads.receive(world.user["owner"], world.project, io.BytesIO(GOOD), **said)


def test_a_file_is_dropped_once(client_of, sent):
    """Dropping what is dropped, or publishing it, is 409 with the reason."""
    client, args = client_of("owner"), [sent.project.slug, sent.pk]
    plan = plan_of(client, reverse("datasets:check", args=args))
    assert client.post(reverse("datasets:drop", args=args)).status_code == 303
    for name in ("drop", "check"):
        answer = client.post(reverse(f"datasets:{name}", args=args), {**plan, "act": "publish"})
        assert answer.status_code == 409
        assert "Ce fichier a été retiré" in answer.content.decode()


def test_a_double_click_leads_to_the_version(client_of, sent, monkeypatch):
    """Who publishes what was published a moment ago is led to its version."""
    client, address = client_of("owner"), reverse("datasets:check", args=[sent.project.slug, sent.pk])
    plan, correct = plan_of(client, address), uploads.correct

    def overtaken(actor, upload, plan):
        uploads.read(actor, Upload.objects.get(pk=upload.pk))
        return correct(actor, upload, plan)

    monkeypatch.setattr(uploads, "correct", overtaken)
    answer = client.post(address, {**plan, "act": "publish"})
    assert (answer.status_code, answer["Location"]) == (303, DatasetVersion.objects.get().get_absolute_url())


def test_bytes_of_another_encoding_are_shown(client_of, world):
    """A file with a byte that its encoding lacks, or read with a wrong encoding, can be looked at and corrected."""
    client = client_of("owner")
    data = {"name": "odd", "title": "Odd", "sensitivity": "health"}
    file = SimpleUploadedFile("odd.csv", b"id;nom\n1;Zo\xe9 \x81\n2;Ren\xe9\n")
    client.post(reverse("datasets:upload", args=[world.project.slug]), data | {"file": file})
    upload = Upload.objects.get()
    check = reverse("datasets:check", args=[world.project.slug, upload.pk])
    assert client.get(check).status_code == 200
    upload.plan["dialect"]["encoding"] = "utf-8"
    upload.save()
    assert client.get(check).status_code == 200


@pytest.mark.parametrize(("value", "words"), [(1.1 + 0.1, "1,2"), (0.1, "0,1"), (12345.678, "12345,678"), (3.0, "3,0")])
def test_numbers_as_people_write_them(value, words):
    """A number is shown with the digits that it surely has, and none that only binary fractions give it."""
    with translation.override("fr"):
        assert shown(value) == words
