"""The dictionary of a version: edited in revisions, none ever lost, taken over by the next version."""

from __future__ import annotations

import json
import threading

import pyarrow as pa
import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core import access, datasets
from core.audit.models import Event
from core.datasets.engine.dictionary import entries, exchange, ucum
from core.datasets.models import DatasetVersion, DictionaryRevision
from core.datasets.services import dictionary
from core.errors import Conflict, Invalid


def column(version: DatasetVersion, name: str) -> dict:
    return next(column for column in version.columns if column["name"] == name)


def say(world, version, who="owner", revision=0, reason="Relu", **fields):
    """Edit the column «sex»."""
    return dictionary.edit(world.user[who], version, [{"name": "sex", **fields}], reason=reason, revision=revision)


def test_an_edit_is_a_revision(world, version):
    """What is edited counts, what isn't stays, and who did it, when and why is kept."""
    say(world, version, label="Sexe à la naissance", missing_codes=["9"])
    found = column(DatasetVersion.objects.get(), "sex")
    assert (found["label"], found["missing_codes"], found["codes"]) == (
        "Sexe à la naissance", ["9"], {"F": "Femme", "M": "Homme"}
    )  # fmt: skip
    row = DictionaryRevision.objects.get()
    assert (row.number, row.reason, row.created_by) == (1, "Relu", world.user["owner"])
    event = Event.objects.get(action="datasets.dictionary_changed")
    assert event.details["columns"] == ["sex"]
    assert "naissance" not in json.dumps(event.details)


def test_what_says_nothing_new_is_no_revision(world, version):
    """Saving what is already said makes no revision."""
    say(world, version, label="Sexe")
    assert not DictionaryRevision.objects.exists()


@pytest.mark.parametrize("act", ["change", "delete"])
def test_a_revision_never_changes(world, version, act):
    """PostgreSQL refuses to change or delete a revision."""
    say(world, version, label="Sexe légal")
    rows = DictionaryRevision.objects.all()
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        rows.update(reason="x") if act == "change" else rows._raw_delete(rows.db)


def test_going_back_is_a_revision(world, version):
    """An earlier revision, or what was published, counts again, and the ones between stay readable."""
    say(world, version, label="A")
    say(world, version, revision=1, label="B")
    dictionary.restore(world.user["owner"], version, 1, reason="Erreur", revision=2)
    assert column(version, "sex")["label"] == "A"
    dictionary.restore(world.user["owner"], version, 0, reason="Erreur", revision=3)
    assert column(version, "sex")["label"] == "Sexe"
    labels = [dictionary.revision_of(version, number)[1]["label"] for number in range(5)]
    assert labels == ["Sexe", "A", "B", "A", "Sexe"]


def test_two_at_once(world, version):
    """Who saves on a dictionary that somebody has changed since he read it is told so, and nothing is lost."""
    say(world, version, label="A")
    with pytest.raises(Conflict):
        say(world, DatasetVersion.objects.get(), label="B")
    assert column(DatasetVersion.objects.get(), "sex")["label"] == "A"


@pytest.mark.django_db(transaction=True)
def test_a_race_has_one_winner(world, version):
    """Of two who save the same revision at the same moment one is refused."""
    ended: list[str] = []

    def save(label: str) -> None:
        try:
            say(world, DatasetVersion.objects.get(), label=label)
            ended.append("saved")
        except Conflict:
            ended.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[label]) for label in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["refused", "saved"]


def test_every_fault_is_told(world, version):
    """A bad edit is refused whole, each fault at its column and field."""
    edits = [{"name": "weight"}, {"name": "sex", "label": "x" * 301, "sensitivity": "secret"}, {"name": "sex"}]
    with pytest.raises(Invalid) as refused:
        dictionary.edit(world.user["owner"], version, edits, reason="x", revision=0)
    assert {(fault.place, fault.code) for fault in refused.value.faults} == {
        ("weight.name", "absent"), ("sex.label", "too_long"), ("sex.sensitivity", "unknown_level"),
        ("sex.name", "twice"),
    }  # fmt: skip
    assert not DictionaryRevision.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0"])
def test_a_reason_is_given(world, version, reason):
    """Without a reason that can be kept nothing is changed."""
    with pytest.raises(Invalid):
        say(world, version, reason=reason, label="A")


@pytest.mark.parametrize("who", ["stranger", "monitor", "administrator", "member"])
def test_who_may_not_edit(world, version, who):
    """Editing is refused to who doesn't hold the permission."""
    with pytest.raises(access.Refused):
        say(world, version, who, label="A")


def test_nobody_opens_what_he_may_not_read(world, version):
    """A researcher protects a column, and can't open it again: he may not read it any more, nor by going back."""
    say(world, version, "researcher", sensitivity="identifying")
    with pytest.raises(access.Refused):
        say(world, version, "researcher", revision=1, sensitivity="")
    with pytest.raises(access.Refused):
        dictionary.restore(world.user["researcher"], version, 0, reason="x", revision=1)
    say(world, version, "owner", revision=1, sensitivity="")


def test_the_next_version_takes_over(world, version, table):
    """Labels, codes and protection stay with their columns; those of a column of another type or name don't."""
    say(world, version, label="Sexe légal", sensitivity="personal", codes={"F": "Fille"})
    dictionary.edit(
        world.user["owner"], version, [{"name": "lactate", "description": "Artériel"}], reason="x", revision=1
    )
    new = pa.table({"sex": ["F"], "lactate": ["haut"], "weight": [60]})
    said = [datasets.Column("sex", label="Sexe"), datasets.Column("weight", unit="kg")]
    second = datasets.publish(
        world.user["owner"], world.project, "stays", new, title="Séjours", columns=said, provenance={}
    )
    second = DatasetVersion.objects.get(pk=second.pk)
    sex, lactate, weight = second.columns
    assert (sex["label"], sex["sensitivity"], sex["codes"]) == ("Sexe légal", "personal", {"F": "Fille"})
    assert (lactate["label"], lactate["description"], lactate["unit"]) == ("Lactate", "Artériel", "")
    assert (weight["label"], weight["unit"]) == ("", "kg")
    assert second.revisions.get().act == "taken_over"


def test_a_column_that_was_away_comes_back(world, version, table):
    """What was said of a column, and its protection, stays over versions without it; the newest that had it counts."""
    say(world, version, label="Sexe légal", sensitivity="identifying")
    for columns in (["stay"], ["stay", "lactate"], ["stay", "sex", "lactate"]):
        last = datasets.publish(
            world.user["owner"], world.project, "stays", table.select(columns), title="Séjours", provenance={}
        )
    last = DatasetVersion.objects.get(pk=last.pk)
    _stay, sex, lactate = last.columns
    assert (sex["label"], sex["sensitivity"], sex["codes"]) == (
        "Sexe légal", "identifying", {"F": "Femme", "M": "Homme"}
    )  # fmt: skip
    assert lactate["unit"] == "mmol/L"
    assert datasets.table(world.user["researcher"], last).column_names == ["stay", "lactate"]
    assert "1, 3" in last.revisions.get().reason


def test_protection_goes_by_the_name_in_any_case(world, version, table):
    """A file that has a protected column's name in capitals doesn't open it, nor is it overlooked afterwards."""
    say(world, version, sensitivity="identifying")
    capitals = table.rename_columns([name.upper() for name in table.column_names])
    second = datasets.publish(world.user["owner"], world.project, "stays", capitals, title="Séjours", provenance={})
    assert "SEX" not in datasets.table(world.user["researcher"], second).column_names
    edits = [{"name": "SEX", "sensitivity": "personal"}]
    dictionary.edit(world.user["owner"], second, edits, reason="x", revision=second.revision, everywhere=True)
    assert column(DatasetVersion.objects.get(pk=version.pk), "sex")["sensitivity"] == "personal"


@pytest.mark.parametrize(
    ("base", "edited", "new", "made"),
    [
        ("", "", "identifying", "identifying"),
        ("identifying", "identifying", "", "identifying"),
        ("", "identifying", "", "identifying"),
        ("identifying", "", "identifying", ""),
        ("", "personal", "identifying", "identifying"),
        ("unheard", "unheard", "", "identifying"),
    ],
)
def test_protection_is_not_lost(base, edited, new, made):
    """A publisher who says nothing opens nothing; of two who changed it the stricter counts; people decide last."""
    said = [entries.entry({"name": "a", "sensitivity": level}) for level in (base, edited, new)]
    assert entries.taken_over(*said, same_type=True)["sensitivity"] == made


def test_protection_everywhere(world, version, table):
    """Where that is asked for, a column is protected in every version of the dataset."""
    second = datasets.publish(world.user["owner"], world.project, "stays", table, title="Séjours", provenance={})
    edits = [{"name": "sex", "sensitivity": "identifying", "label": "Only here"}]
    dictionary.edit(world.user["owner"], second, edits, reason="x", revision=second.revision, everywhere=True)
    first = DatasetVersion.objects.get(pk=version.pk)
    assert (column(first, "sex")["sensitivity"], column(first, "sex")["label"]) == ("identifying", "Sexe")


texts = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=12)
said = st.fixed_dictionaries(
    {
        "label": texts.map(str.strip), "label_en": texts.map(str.strip), "description": texts.map(str.strip),
        "unit": texts.map(str.strip), "codes": st.dictionaries(texts, texts, max_size=3),
        "missing_codes": st.lists(texts.filter(bool), max_size=3), "sensitivity": st.sampled_from(entries.LEVELS),
    }
)  # fmt: skip


@given(st.lists(said, min_size=1, max_size=4), st.sampled_from(["csv", "tableschema"]))
def test_a_dictionary_goes_out_and_in(said, form):
    """What is written as CSV or as Table Schema is read back the same, whatever the texts hold."""
    columns = [{"name": f"c{number}", "type": "text", **fields} for number, fields in enumerate(said)]
    write = exchange.as_csv if form == "csv" else exchange.as_table_schema
    read = exchange.read(write(columns))
    assert [entries.entry(entry) for entry in read] == [entries.entry(column) for column in columns]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "no_heading"), (b"label\nx\n", "no_heading"), (b"name,colour\na,red\n", "unknown_field"),
        (b"name,label\na\n", "cells"), (b"name,codes\na,1\n", "bad_codes"), (b"name,codes\na,{\n", "bad_codes"),
        (b"name,sensitivity\na,high\n", "unknown_level"), (b"{", "not_json"), (b'{"fields": 1}', "no_fields"),
        (b'{"fields": [{"name": {}}]}', "not_text"), (b"\xff\xfe", "encoding"), (b"name\0\n", "nul"),
        (b"[" * 100_000, "not_json"), (b"name,name\na,b\n", "twice"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_dictionary(data, code):
    """A file that can't be read says why, and nothing else comes out of it."""
    with pytest.raises(exchange.BadDictionary) as refused:
        exchange.read(data)
    assert refused.value.code == code


def test_codes_as_people_write_them():
    """Codes with «=» and «|», a semicolon between the cells: what a spreadsheet in French gives."""
    assert exchange.read(b"name;codes\nsexe;1 = Homme | 2 = Femme\n") == [
        {"name": "sexe", "codes": {"1": "Homme", "2": "Femme"}}
    ]


@pytest.mark.parametrize("unit", ["mmol/L", "10*9/L", "/min", "mm[Hg]", "{score}", "kg/m2", "%", "mL/min/{1.73_m2}"])
def test_units_of_ucum(unit):
    """What is written as UCUM wants it gets no hint."""
    assert ucum.suggested(unit) == ""
    assert ucum.is_ucum(unit)


@pytest.mark.parametrize(("unit", "hint"), [("mmHg", "mm[Hg]"), ("bpm", "/min"), ("années", "a"), ("µmol/L", "umol/L")])
def test_units_that_are_not(unit, hint):
    """What people write otherwise gets UCUM's way as a hint."""
    assert ucum.suggested(unit) == hint


# Pages


def page(name, version, *more):
    return reverse(f"datasets:{name}", args=[version.dataset.project.slug, version.dataset.name, version.number, *more])


def filled(client, address):
    form = client.get(address).context["form"]
    values = {bound.html_name: bound.value() for bound in form}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def test_the_grid(client_of, version):
    """The grid shows what is said, and saves what was changed in it."""
    client, address = client_of("researcher"), page("dictionary", version)
    values = {**filled(client, address), "label.3": "Lactate artériel", "codes.3": "9 = Non fait", "reason": "Relu"}
    assert client.post(address, values).status_code == 303
    found = column(DatasetVersion.objects.get(), "lactate")
    assert (found["label"], found["codes"], found["unit"]) == ("Lactate artériel", {"9": "Non fait"}, "mmol/L")
    text = client.get(version.get_absolute_url()).content.decode()
    assert "Lactate artériel" in text


def test_the_grid_tells_faults(client_of, version, world):
    """What is wrong is told at its cell; a dictionary changed meanwhile is 409, and what was typed is still there."""
    client, address = client_of("owner"), page("dictionary", version)
    values = {**filled(client, address), "codes.2": "no sign", "reason": "x"}
    answer = client.post(address, values)
    assert answer.status_code == 422
    assert "codes.2" in answer.context["form"].errors
    say(world, version, label="A")
    answer = client.post(address, {**values, "codes.2": "", "label.2": "Mine"})
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()


def test_a_wide_dictionary_has_pages(client_of, world):
    """Columns past the fiftieth are on the next page, and saved from there."""
    wide = pa.table({f"c{number}": [1] for number in range(60)})
    version = datasets.publish(world.user["owner"], world.project, "wide", wide, title="Wide", provenance={})
    client, address = client_of("owner"), page("dictionary", version) + "?page=2"
    values = {**filled(client, address), "label.60": "Last", "reason": "x"}
    assert client.post(address, values).status_code == 303
    assert column(DatasetVersion.objects.get(), "c59")["label"] == "Last"


def test_history_and_back(client_of, world, version):
    """The history lists who, when and why; a revision shows what differs, and counts again when it is asked for."""
    say(world, version, label="A")
    client = client_of("owner")
    assert "Relu" in client.get(page("revisions", version)).content.decode()
    address = page("revision", version, 0)
    answer = client.get(address)
    assert [change.after for change in answer.context["changes"]] == ["A"]
    assert client.post(address, {"revision": 1, "reason": "Retour"}).status_code == 303
    assert column(DatasetVersion.objects.get(), "sex")["label"] == "Sexe"
    assert client_of("monitor").post(address, {"revision": 2, "reason": "x"}).status_code == 403
    assert client.get(page("revision", version, 9)).status_code == 404


def test_the_file_of_a_dictionary(client_of, version):
    """The dictionary is downloaded, changed and imported."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_of("owner")
    data = client.get(page("dictionary_file", version, "csv")).content
    file = SimpleUploadedFile("d.csv", data.replace(b"Sexe", b"Genre"))
    answer = client.post(page("dictionary_import", version), {"file": file, "reason": "x", "revision": 0})
    assert answer.status_code == 303
    assert column(DatasetVersion.objects.get(), "sex")["label"] == "Genre"
    bad = SimpleUploadedFile("d.csv", b"colour\nred\n")
    assert (
        client.post(page("dictionary_import", version), {"file": bad, "reason": "x", "revision": 1}).status_code == 422
    )
    assert client.get(page("dictionary_file", version, "xml")).status_code == 404


def test_lists_ask_once(client_of, world, version, table, django_assert_max_num_queries):
    """However many versions there are, their dictionaries come with them."""
    say(world, version, label="A")
    for _ in range(4):
        datasets.publish(world.user["owner"], world.project, "stays", table, title="Séjours", provenance={})
    with django_assert_max_num_queries(1):
        assert len([version.columns for version in DatasetVersion.objects.all()]) == 5


# REST


def test_the_dictionary_over_rest(api_of, version):
    """An API client reads, edits, compares and restores the dictionary."""
    client, base = api_of("owner"), reverse("api:datasets:version-dictionary", args=[version.pk])
    assert client.get(base).json()["revision"] == 0
    edit = {"revision": 0, "reason": "Relu", "columns": [{"name": "sex", "label": "Genre"}]}
    answer = client.patch(base, edit, format="json")
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert client.patch(base, edit, format="json").status_code == 409
    assert client.get(base, {"revision": 0}).json()["columns"][1]["label"] == "Sexe"
    compared = client.get(reverse("api:datasets:version-compare-dictionary", args=[version.pk])).json()
    assert compared == [{"column": "sex", "field": "label", "before": "Sexe", "after": "Genre"}]
    back = {"revision": 1, "restore": 0, "reason": "x"}
    restored = client.post(reverse("api:datasets:version-restore-dictionary", args=[version.pk]), back, format="json")
    assert restored.json()["columns"][1]["label"] == "Sexe"
    assert len(client.get(reverse("api:datasets:version-revisions", args=[version.pk])).json()) == 2
    unknown = {"revision": 2, "restore": 77, "reason": "x"}
    answer = client.post(reverse("api:datasets:version-restore-dictionary", args=[version.pk]), unknown, format="json")
    assert answer.status_code == 422
