"""Columns that one may not read aren't there: in SQL, tables, files, pages, analyses, notebooks."""

from __future__ import annotations

import io

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from core import access, datasets
from core.audit.models import Event
from core.datasets.engine import parts
from core.datasets.services import dictionary, preparing
from core.datasets.services.exporting import FORMS, export
from core.errors import Invalid

SECRETS = ("Kermarrec", "1850578006084", "75011")


@pytest.fixture
def people(world):
    """Who lies where: a name and a number that identify, a postcode that is personal, an age, and odd names."""
    table = pa.table(
        {
            "name": ["Kermarrec", "Le Gall", None],
            "nir": ["1850578006084", "2850578006012", "1"],
            "postcode": ["75011", "35000", "29200"],
            "age": [41, 62, 77],
            "name.length": [9, 7, 0],
            'a"b': ["x", "y", "z"],
        }
    )
    return datasets.publish(
        world.user["owner"],
        world.project,
        "people",
        table,
        title="Patients",
        columns=[
            datasets.Column("name", sensitivity="identifying"),
            datasets.Column("nir", sensitivity="identifying"),
            datasets.Column("postcode", sensitivity="personal"),
        ],
        provenance={},
    )


OPEN = ["postcode", "age", "name.length", 'a"b']
HOSTILE = [
    "SELECT name FROM data",
    'SELECT "nir" FROM data',
    "SELECT COLUMNS('n.*r') FROM data",
    "SELECT data.name FROM data",
    "SELECT * FROM read_parquet('dataset://data.parquet')",
    "SELECT * FROM read_blob('dataset://data.parquet')",
    "SELECT * FROM 'dataset://data.parquet'",
    "SELECT * FROM parquet_metadata('dataset://data.parquet')",
    "SELECT * FROM hashed_rows",
    "SELECT * FROM columns",
    "SELECT * FROM source",
    "PREPARE q AS SELECT nir FROM data",
    "CREATE VIEW v AS SELECT nir FROM data",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_sql_does_not_reach_them(world, people, sql):
    """No SQL of who may not read a column finds it, under whatever name."""
    with datasets.query(world.user["researcher"], people) as con, pytest.raises(duckdb.Error):
        con.execute(sql).fetchall()


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM data", "DESCRIBE data", "SUMMARIZE data", "FROM duckdb_columns()", "FROM duckdb_views()"]
)
def test_everything_is_without_them(world, people, sql):
    """``SELECT *``, the summary of the view and the catalogue show the other columns alone."""
    with datasets.query(world.user["researcher"], people) as con:
        text = str(con.execute(sql).fetchall())
    assert not any(secret in text for secret in SECRETS[:2])
    assert "nir" not in text
    with datasets.query(world.user["researcher"], people) as con:
        assert [column[0] for column in con.execute("FROM data").description] == OPEN


def test_the_rest_is_read_as_ever(world, people):
    """The columns that one may read give the same answers, whoever asks."""
    sql = 'SELECT "name.length", count(*), sum(age), max("a""b") FROM data WHERE age > 41 GROUP BY 1 ORDER BY 1'
    answers = []
    for who in ("owner", "researcher"):
        with datasets.query(world.user[who], people) as con:
            answers.append(con.execute(sql).fetchall())
    assert answers[0] == answers[1] == [(0, 1, 77, "z"), (7, 1, 62, "y")]


def test_tables_are_without_them(world, people):
    """A table has the other columns; who asks for a protected one by name is told that he may not read it."""
    researcher = world.user["researcher"]
    assert datasets.table(researcher, people).column_names == OPEN
    assert datasets.table(researcher, people, ["age"]).column_names == ["age"]
    with pytest.raises(Invalid) as refused:
        datasets.table(researcher, people, ["age", "nir"])
    assert [(fault.place, fault.code) for fault in refused.value.faults] == [("nir", "hidden")]
    assert datasets.table(world.user["owner"], people).num_columns == 6


def test_a_box_is_without_them(world, people):
    """The file that a notebook's box gets lacks the columns, to the last byte, and names them."""
    with datasets.memory(world.user["researcher"], people) as memory, open(memory.path, "rb") as file:  # noqa: PTH123
        data = file.read()
    assert not any(secret.encode() in data for secret in SECRETS[:2])
    table = pq.read_table(io.BytesIO(data))
    assert table.column_names == OPEN
    assert table.schema.metadata[parts.HIDDEN] == b'["name", "nir"]'


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_downloads_are_without_them(world, people, form, monkeypatch):
    """A person who may download and not read identifiers gets a file without them; the journal says which."""
    take(world, "owner", "datasets.read_identifiers")
    data = b"".join(export(world.user["owner"], people, form).pieces)
    assert not any(secret.encode() in data for secret in SECRETS[:2])
    assert b"postcode" in data
    assert Event.objects.get(action="datasets.version_exported").details["hidden"] == ["name", "nir"]


def take(world, who, *codes):
    """Leave a person's roles without some permissions."""
    from core.access.models import Role

    for role in Role.objects.filter(memberships__user=world.user[who]).distinct():
        role.permissions = [code for code in role.permissions if code not in codes]
        role.save()


@pytest.mark.parametrize("code", ["datasets.read_data", "datasets.export_data"])
def test_rows_leave_with_who_reads_them(world, people, client_of, code):
    """Without the rows there is no file, and without the permission to take files away there is none either."""
    take(world, "owner", code)
    for form in FORMS:
        with pytest.raises(access.Refused):
            export(world.user["owner"], people, form)
    with pytest.raises(access.Refused):
        preparing.ask(world.user["owner"], people, "sav")
    page = client_of("owner").get(people.get_absolute_url()).text
    assert reverse("datasets:export", args=[world.project.slug, "people", 1, "csv"]) not in page


def test_each_level_has_its_permission(world, people):
    """Personal columns need their own permission, and so do identifying ones."""
    take(world, "owner", "datasets.read_personal")
    assert datasets.table(world.user["owner"], people).column_names == ["name", "nir", *OPEN[1:]]
    take(world, "researcher", "datasets.read_personal")
    assert datasets.table(world.user["researcher"], people).column_names == OPEN[1:]


def test_protecting_counts_at_once(world, people):
    """A version that was loaded before a column was protected doesn't open it."""
    held = people
    assert "age" in datasets.table(world.user["researcher"], held).column_names
    other = type(people).objects.get()
    edits = [{"name": "age", "sensitivity": "identifying"}]
    dictionary.edit(world.user["owner"], other, edits, reason="x", revision=0)
    assert "age" not in datasets.table(world.user["researcher"], held).column_names


def test_nothing_to_read(world):
    """Where every column is protected, reading is refused."""
    version = datasets.publish(
        world.user["owner"], world.project, "names", pa.table({"name": ["x"]}), title="Noms",
        columns=[datasets.Column("name", sensitivity="identifying")], provenance={},
    )  # fmt: skip
    with pytest.raises(access.Refused):
        datasets.table(world.user["researcher"], version)


def test_an_unknown_level_is_the_strictest(world, people):
    """What was stored with a sensitivity that nobody knows is protected, and publishing it is refused."""
    with pytest.raises(Invalid):
        datasets.publish(
            world.user["owner"], world.project, "odd", pa.table({"a": [1]}), title="Odd",
            columns=[datasets.Column("a", sensitivity="secret")], provenance={},
        )  # fmt: skip


def test_pages_are_without_them(client_of, people):
    """The rows of a page lack the columns, and the page says which."""
    address = reverse("datasets:rows", args=[people.dataset.project.slug, "people", 1])
    text = client_of("researcher").get(address).content.decode()
    assert not any(secret in text for secret in SECRETS[:2])
    assert "<code>nir</code>" in text
    assert "Kermarrec" in client_of("owner").get(address).content.decode()


def test_rest_is_without_them(api_of, people):
    """Rows over REST lack the columns and name them."""
    answer = api_of("researcher").get(reverse("api:datasets:version-rows", args=[people.pk])).json()
    assert (answer["columns"], answer["hidden"]) == (OPEN, ["name", "nir"])
    assert not any(secret in str(answer) for secret in SECRETS[:2])


def test_analyses_are_without_them(world, people, api_of):
    """A question about a protected column is refused, also where its answer is known from somebody who may."""
    from lowcode import queries
    from lowcode.engine import read
    from lowcode.services.running import ask

    query = read({"source": {"dataset": "people"}, "by": [{"name": "g", "column": "nir"}],
                  "measures": [{"name": "n", "of": "rows"}]})  # fmt: skip
    assert len(ask(world.user["owner"], people, query).result.rows) == 3
    with pytest.raises(Invalid):
        ask(world.user["researcher"], people, query)
    assert "nir" not in {column["name"] for column in queries.described(world.user["researcher"], people)}
    assert "nir" in {column["name"] for column in queries.described(world.user["owner"], people)}


def test_people_are_still_counted(world, people):
    """Small counts are counts of people for whoever asked first: the identifying column is counted unseen."""
    from lowcode.engine import read
    from lowcode.services.running import ask

    query = read({"source": {"dataset": "people"}, "by": [{"name": "g", "column": "postcode"}],
                  "measures": [{"name": "n", "of": "rows"}]})  # fmt: skip
    answer = ask(world.user["researcher"], people, query)
    assert answer.result.supports == ask(world.user["owner"], people, query).result.supports
    supports = sorted(count for support in answer.result.supports for count in support.values())
    assert supports == [0, 1, 1]  # one of the three has no name


def test_hashes_stand_for_what_is_counted(world, people):
    """What is counted unseen are hashes, others at each reading."""
    found = []
    for _ in range(2):
        with datasets.query(world.user["researcher"], people, counted=["name"]) as con:
            found.append(con.execute("SELECT name FROM data ORDER BY age").fetchall())
    assert found[0] != found[1]
    assert found[0][2] == (None,)
    assert "Kermarrec" not in str(found)


def test_results_of_notebooks(world, people, client_of):
    """What a run made of protected columns isn't shown to who may not read them, and the page says why."""
    from core import jobs
    from datahub.models import Notebook, NotebookRun
    from datahub.services.notebooks import create_notebook

    notebook = create_notebook(world.user["owner"], world.project, "N", ["1"], [people.dataset])
    job = jobs.submit(world.user["owner"], "datahub.run_notebook", project=world.project, arguments={"run_id": "x"})
    run = NotebookRun.objects.create(
        notebook=notebook, project=world.project, owner=world.user["owner"], job=job, cells=["1"],
        versions={"people.parquet": str(people.pk)}, hidden={"people.parquet": []},
        results=[{"state": "ok", "seconds": 1, "outputs": [{"kind": "text", "text": "Kermarrec"}]}],
    )  # fmt: skip
    address = reverse("datahub:results", args=[world.project.slug, notebook.pk])
    assert "Kermarrec" in client_of("owner").get(address).content.decode()
    text = client_of("researcher").get(address).content.decode()
    assert "Kermarrec" not in text
    assert "<code>nir</code>" in text
    run.hidden = {"people.parquet": ["name", "nir"]}
    run.save()
    assert "Kermarrec" in client_of("researcher").get(address).content.decode()
    assert Notebook.objects.count() == 1
