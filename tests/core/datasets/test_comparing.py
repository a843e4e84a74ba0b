"""Two versions compared: columns and rows that came, went and changed; small counts hidden from who reads none."""

# ruff: noqa: DTZ001  some of these moments have no zone

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from django.urls import reverse

from core import access, datasets, jobs
from core.datasets.models import Comparison
from core.datasets.services import comparing, dictionary, publishing
from core.errors import Conflict, Invalid


def publish(world, table, **more):
    return datasets.publish(world.user["owner"], world.project, "labs", table, title="Labs", provenance={}, **more)


@pytest.fixture
def two(world):
    """Fifty rows, of which five go, twenty come, fifteen change their value and three their name."""
    before = pa.table(
        {
            "id": list(range(50)),
            "value": [float(number) for number in range(50)],
            "name": [f"n{number}" for number in range(50)],
            "old": ["x"] * 50,
            "typed": [1] * 50,
        }
    )
    after = pa.table(
        {
            "id": list(range(5, 70)),
            "value": [float(number) + (number < 20) for number in range(5, 70)],
            "name": [f"n{number}" + "!" * (number < 8) for number in range(5, 70)],
            "new": ["x"] * 65,
            "typed": ["1"] * 65,
        }
    )
    said = [datasets.Column("name", "Nom", sensitivity="identifying")]
    first = publish(world, before, columns=said)
    return first, publish(world, after)


def test_what_differs(world, two):
    """Rows by their key, values by their column, columns by their name, type and dictionary."""
    made = comparing.compare(world.user["owner"], *two, ["id"])
    found = comparing.read(world.user["owner"], made)
    assert found["rows"] == {
        "added": 20, "removed": 5, "common": 45, "changed": {"value": 15, "name": 3}, "masked": False
    }  # fmt: skip
    columns = found["columns"]
    assert [one["name"] for one in columns["added"]] == ["new"]
    assert [one["name"] for one in columns["removed"]] == ["old"]
    assert columns["retyped"] == [{"name": "typed", "before": "integer", "after": "text"}]


def test_a_new_label_is_told(world, two):
    """What the dictionary says otherwise is part of the difference."""
    edits = [{"name": "value", "label": "Valeur"}]
    dictionary.edit(world.user["owner"], two[1], edits, reason="x", revision=two[1].revision)
    made = comparing.compare(world.user["owner"], *two, ["id"])
    described = comparing.read(world.user["owner"], made)["columns"]["described"]
    assert [(one["column"], one["field"], one["after"]) for one in described] == [("value", "label", "Valeur")]


def test_who_reads_no_rows_sees_no_small_count(world, two):
    """Five removed rows are hidden from a monitor, and with them all that would give them back."""
    made = comparing.compare(world.user["owner"], *two, ["id"])
    rows = comparing.read(world.user["monitor"], made)["rows"]
    assert (rows["added"], rows["removed"], rows["common"]) == (None, None, None)
    assert set(rows["changed"].values()) == {None}
    with pytest.raises(access.Refused):
        comparing.sample(world.user["monitor"], made, "removed")


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        ({"added": 0, "removed": 0, "common": 40, "changed": {"a": 3, "b": 20, "c": 38}}, [None, 20, None]),
        ({"added": 30, "removed": 0, "common": 40, "changed": {"a": 40}}, [40]),
    ],
)
def test_masks(content, changed):
    """A few that changed are hidden, and so are all but a few."""
    assert list(comparing.shown(content, set(), 11)["changed"].values()) == changed


def test_protected_columns_are_left_out(world, two):
    """A researcher sees no count of a column that he may not read, and can't take it for a key."""
    made = comparing.compare(world.user["owner"], *two, ["id"])
    found = comparing.read(world.user["researcher"], made)
    assert "name" not in found["rows"]["changed"]
    assert found["hidden"] == ["name"]
    with pytest.raises(Invalid):
        comparing.compare(world.user["researcher"], *two, ["name"])
    with pytest.raises(Invalid):
        comparing.sample(world.user["researcher"], made, "changed", "name")


def test_a_sample(world, two):
    """Who may read the rows sees some of them, with both values of what changed."""
    made = comparing.compare(world.user["owner"], *two, ["id"])
    assert comparing.sample(world.user["owner"], made, "removed")["rows"] == [(number,) for number in range(5)]
    assert comparing.sample(world.user["owner"], made, "changed", "name")["rows"][0] == (5, "n5", "n5!")


@pytest.mark.parametrize("key", [["old"], [], ["id", "id"], ["nothing"], ["typed"]])
def test_a_bad_key(world, two, key):
    """A key that isn't in both, comes twice or doesn't tell the rows apart is refused, and nothing is kept."""
    with pytest.raises(Invalid):
        comparing.compare(world.user["owner"], *two, key)
    assert not Comparison.objects.exists()


@pytest.mark.parametrize("rows", [["1", "2"], [date(2026, 1, 1), date(2026, 1, 2)]])
def test_a_key_of_another_type(world, rows):
    """A key whose values are of another type in each version is refused in words, and nothing is kept."""
    first = publish(world, pa.table({"id": [1, 2]}))
    second = publish(world, pa.table({"id": rows}))
    with pytest.raises(Invalid) as refused:
        comparing.compare(world.user["owner"], first, second, ["id"])
    assert [fault.code for fault in refused.value.faults] == ["types"]
    assert not Comparison.objects.exists()


@pytest.mark.parametrize("key", [[1.0, 2.5], [datetime(2026, 1, 1), datetime(2026, 1, 2, 3)]])
def test_a_key_of_an_alike_type(world, key):
    """Whole numbers meet numbers, and days meet moments."""
    before = [1, 2] if key[0] == 1 else [date(2026, 1, 1), date(2026, 1, 2)]
    first, second = publish(world, pa.table({"id": before})), publish(world, pa.table({"id": key}))
    made = comparing.compare(world.user["owner"], first, second, ["id"])
    rows = comparing.read(world.user["owner"], made)["rows"]
    assert (rows["added"], rows["removed"], rows["common"]) == (1, 1, 1)


@pytest.mark.parametrize("what", ["added", "changed"])
def test_a_sample_with_a_time_zone(world, what):
    """Moments with a time zone are shown like others."""
    moments = [datetime(2026, 1, 2, 3, 4, tzinfo=UTC), datetime(2026, 1, 2, 5, tzinfo=UTC)]
    key = moments if what == "added" else [1, 2]
    first = publish(world, pa.table({"id": key[:1], "at": moments[:1]}))
    second = publish(world, pa.table({"id": key, "at": [moments[1], moments[1]]}))
    made = comparing.compare(world.user["owner"], first, second, ["id"])
    rows = comparing.sample(world.user["owner"], made, what, "at" if what == "changed" else "")["rows"]
    assert rows == ([(moments[1],)] if what == "added" else [(1, *moments)])


def test_columns_that_only_case_tells_apart(world, monkeypatch):
    """Versions that have such columns already aren't compared: by the name of one SQL would get the other."""
    monkeypatch.setattr(publishing, "told_apart_by_case", lambda _names: [])
    first, second = (publish(world, pa.table({"id": [1], "a": [1], "A": [2]})) for _ in range(2))
    with pytest.raises(Invalid) as refused:
        comparing.compare(world.user["owner"], first, second, ["id"])
    assert {fault.code for fault in refused.value.faults} == {"case"}


def test_missing_keys_and_odd_names(world):
    """A missing key is one like others, and names may hold anything."""
    name = 'a"; DROP--'
    first = publish(world, pa.table({name: [1, None], "v": ["x", "y"]}))
    second = publish(world, pa.table({name: [None, 2], "v": ["z", "y"]}))
    rows = comparing.read(world.user["owner"], comparing.compare(world.user["owner"], first, second, [name]))["rows"]
    assert (rows["added"], rows["removed"], rows["changed"]) == (1, 1, {"v": 1})


def test_large_versions_are_compared_by_a_job(world, two, monkeypatch, client_of):
    """Past some rows a job counts, whose progress the page shows; asked twice, there is one comparison."""
    monkeypatch.setattr(comparing, "AT_ONCE", 10)
    made = comparing.compare(world.user["owner"], *two, ["id"])
    assert comparing.compare(world.user["owner"], *two, ["id"]).pk == made.pk
    with pytest.raises(Conflict):
        comparing.read(world.user["owner"], made)
    assert "<job-progress" in client_of("owner").get(made.get_absolute_url()).content.decode()
    assert jobs.run_waiting() == 1
    assert comparing.read(world.user["owner"], Comparison.objects.get())["rows"]["added"] == 20


def test_pages(client_of, world, two):
    """Two versions are chosen with a key; what differs is shown, and some of the rows where they are asked for."""
    client = client_of("owner")
    address = reverse("datasets:compare", args=[world.project.slug, "labs"])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"before": "1", "after": "2", "key": ["id"]})
    assert answer.status_code == 303
    text = client.get(answer.url + "?sample=changed&column=name").content.decode()
    assert "n5!" in text
    assert client.post(address, {"before": "1", "after": "1", "key": ["id"]}).status_code == 422
    assert client_of("researcher").get(answer.url + "?sample=changed&column=name").status_code == 422


def test_over_rest(api_of, two):
    """An API client compares two versions and reads what differs."""
    body = {"before": str(two[0].pk), "after": str(two[1].pk), "key": ["id"]}
    made = api_of("owner").post(reverse("api:datasets:comparison-list"), body, format="json")
    assert made.status_code == 201
    answer = api_of("owner").get(reverse("api:datasets:comparison-differences", args=[made.json()["id"]])).json()
    assert answer["rows"]["removed"] == 5
    assert api_of("stranger").post(reverse("api:datasets:comparison-list"), body, format="json").status_code == 404
