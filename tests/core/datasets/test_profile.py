"""The profile of a version: counted by a job, told in counts none of which is about a few people."""

from __future__ import annotations

import pyarrow as pa
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core import access, datasets, jobs
from core.audit.models import Event
from core.datasets.engine.profile.identifiers import is_nir, looks_like
from core.datasets.engine.profile.masking import hidden, merged_tails
from core.datasets.models import Profile
from core.datasets.services import counts, dictionary, profiling, publishing
from core.errors import Conflict
from core.jobs.models import Job

LEAST = 11


@pytest.fixture
def wards(world):
    """Two hundred stays: a rare ward, a column of names, a postcode, a NIR that nobody has protected."""
    size = 200
    table = pa.table(
        {
            "ward": ["Réa"] * 150 + ["Cardio"] * 45 + ["Greffe"] * 3 + [None] * 2,
            "name": [f"Patient {number}" for number in range(size)],
            "postcode": ["75011"] * size,
            "nir": ["185057800608491"] * size,
            "age": [float(number % 10) for number in range(size)],
            "born": pa.array([number * 100 for number in range(size)], pa.int32()).cast(pa.date32()),
            "empty": pa.array([None] * size, pa.string()),
            "smoker": [number % 2 == 0 for number in range(size)],
        }
    )
    return datasets.publish(
        world.user["owner"],
        world.project,
        "wards",
        table,
        title="Services",
        columns=[
            datasets.Column("name", sensitivity="identifying"),
            datasets.Column("postcode", sensitivity="personal"),
        ],
        provenance={},
    )


@pytest.fixture
def profiled(world, wards):
    profiling.keep(world.user["owner"], wards, profiling.compute(wards, lambda *_: None))
    return wards


def seen(world, version, who="owner"):
    return {column["name"]: column for column in profiling.read(world.user[who], version)}


def test_what_is_counted(world, profiled):
    """Known and missing, different values, quantiles, classes and the most frequent values of each column."""
    found = seen(world, profiled)
    ward = found["ward"]
    assert (ward["known"], ward["missing"], ward["distinct"]) == (198, 2, 3)
    assert found["age"]["quantiles"]["0.5"] == 4.5
    assert sum(bin_["count"] for bin_ in found["age"]["histogram"]) == 200
    assert found["born"]["timed"]
    assert found["empty"]["warnings"] == ["all_missing"]
    assert found["postcode"]["warnings"] == ["constant"]
    assert {line["value"]: line["count"] for line in found["smoker"]["values"]} == {True: 100, False: 100}


def test_small_counts_are_hidden(world, profiled):
    """The three people of a rare ward are in no line of their own, and no sum gives them back."""
    ward = seen(world, profiled)["ward"]["values"]
    assert [line["value"] for line in ward] == ["Réa", "Cardio", None]
    assert [line["count"] for line in ward] == [150, None, None]
    assert "Greffe" not in str(Profile.objects.get().content)


def test_identifying_columns_are_not_profiled(world, profiled):
    """Nothing is kept of an identifying column, and nothing shown of one that is protected later or looks like it."""
    assert "name" not in seen(world, profiled)
    assert "Patient 1" not in str(Profile.objects.get().content)
    nir = seen(world, profiled)["nir"]
    assert nir["warnings"] == ["constant", "looks_nir"]
    assert "185057800608491" not in str(Profile.objects.get().content)
    edits = [{"name": "ward", "sensitivity": "identifying"}]
    dictionary.edit(world.user["owner"], profiled, edits, reason="x", revision=0)
    assert "ward" not in seen(world, profiled)


def test_who_sees_what(world, profiled):
    """A monitor sees counts, without what only one person has and without personal columns."""
    monitor = seen(world, profiled, "monitor")
    assert "postcode" not in monitor
    assert "ends" not in monitor["age"]
    assert seen(world, profiled)["age"]["ends"] == [0, 9]
    for who in ("stranger", "administrator", "member"):
        with pytest.raises(access.Refused):
            profiling.read(world.user[who], profiled)
    assert Event.objects.filter(action="datasets.profile_read").count() == 2


def test_few_missing_are_told_to_who_reads_rows(world, wards, profiled, client_of, api_of):
    """Two stays without a ward are hidden from a monitor, in the dictionary and the profile, on pages and over REST."""
    owner, monitor = seen(world, profiled)["ward"], seen(world, profiled, "monitor")
    assert (owner["known"], owner["missing"], owner["distinct"]) == (198, 2, 3)
    assert (monitor["ward"]["known"], monitor["ward"]["missing"], monitor["ward"]["distinct"]) == (None, None, None)
    assert (monitor["empty"]["missing"], monitor["age"]["missing"]) == (200, 0)
    for who, missing in (("owner", 2), ("monitor", None)):
        for path in (f"versions/{wards.pk}/", f"versions/{wards.pk}/dictionary/"):
            answer = api_of(who).get(f"/api/v1/datasets/{path}").json()
            assert answer["columns"][0]["missing"] == missing
        for name, more in (("version", []), ("revision", [0])):
            args = [world.project.slug, "wards", 1, *more]
            text = client_of(who).get(reverse(f"datasets:{name}", args=args)).text
            assert ("masqué" in text) == (who == "monitor")


def test_no_line_tells_how_many_are_missing():
    """Where lines that are all shown add up to what is known, the smallest is hidden with the missing ones."""
    column = {
        "name": "a", "known": 198, "missing": 2, "distinct": 2,
        "values": [{"value": "x", "count": 150}, {"value": "y", "count": 48}],
    }  # fmt: skip
    assert [line["count"] for line in counts.profiled(column, 11)["values"]] == [150, None]
    assert counts.profiled(column, 0) == column


def test_a_stricter_rule_closes_it(world, profiled, settings):
    """Where small counts are hidden more strictly than when it was counted, it is counted anew before it is shown."""
    settings.MASK_BELOW = 20
    with pytest.raises(Conflict):
        profiling.read(world.user["owner"], profiled)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=7), st.integers(2, 15))
def test_no_sum_gives_a_small_count_back(counts, least):
    """However the counts lie, what is hidden are two cells or more that hold enough people, or all cells."""
    closed = hidden(counts, least)
    assert {place for place, count in enumerate(counts) if 0 < count < least} <= closed
    if closed and len(closed) < len(counts):
        assert len(closed) >= 2
        assert sum(counts[place] for place in closed) >= least


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(2, 15))
def test_tails_are_not_small(counts, least):
    """The ends of a histogram take in their neighbours until enough people are in them."""
    first, last = merged_tails(counts, least)
    if first < last:
        assert sum(counts[: first + 1]) >= least
        assert sum(counts[last:]) >= least


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("185057800608491", True), ("1 85 05 78 006 084 91", True), ("185057800608492", False), ("1850578006084", True),
        ("hello", False), ("", False), ("1" * 15, False),
    ],
)  # fmt: skip
def test_a_nir_by_its_key(text, good):
    """A NIR is known by its form and its key."""
    assert is_nir(text) is good


def test_a_nir_of_corsica():
    """The letters of Corsica count as 19 and 18 in the key."""
    for letters, number in (("2A", "19"), ("2B", "18")):
        key = 97 - int(f"26905{number}588157") % 97
        assert is_nir(f"26905{letters}588157{key:02d}")
        assert not is_nir(f"26905{letters}588157{(key % 97) + 1:02d}")


@pytest.mark.parametrize(
    ("name", "values", "share", "kind"),
    [
        ("contact", ["a@b.fr", "c.d@e.org"], 1, "email"),
        ("tel", ["06 12 34 56 78", "+33 6 12 34 56 78", "0612345678"], 1, "phone"),
        ("ipp", ["8001234567", "8001234568"], 0.2, "ipp"),
        ("numero", [str(8_000_000_000 + number) for number in range(20)], 1, "ipp"),
        ("lactate", ["1.2", "3.4"], 1, ""),
        ("note", ["voir a@b.fr"] * 3 + ["a@b.fr"] + ["rien"] * 20, 0.1, "some_email"),
    ],
)
def test_what_looks_like_an_identifier(name, values, share, kind):
    """E-mail, telephone and hospital numbers are told by their form."""
    assert looks_like(name, values, distinct_share=share) == kind


def test_many_different_values(world):
    """A column with a value of its own in each row tells none of them, and classes aren't about few people."""
    table = pa.table(
        {"note": [f"n {number}" for number in range(500)], "skew": [0.0] * 480 + [1e6 * n for n in range(20)]}
    )
    version = datasets.publish(world.user["owner"], world.project, "many", table, title="Many", provenance={})
    note, skew = profiling.compute(version, lambda *_: None)
    assert note["values"] == [{"value": None, "count": 500}]
    counts = [bin_["count"] for bin_ in skew["histogram"]]
    assert all(count is None or count >= LEAST for count in counts)


def test_columns_that_only_case_tells_apart(world, monkeypatch):
    """Where a dataset has such columns already, each is counted by its place, for by its name SQL gets the other."""
    monkeypatch.setattr(publishing, "told_apart_by_case", lambda _names: [])
    table = pa.table({"a": ["x"] * 20, "A": ["y"] * 20})
    version = datasets.publish(world.user["owner"], world.project, "old", table, title="Old", provenance={})
    found = profiling.compute(version, lambda *_: None)
    assert [(one["name"], one["values"][0]["value"]) for one in found] == [("a", "x"), ("A", "y")]


@pytest.mark.parametrize("values", [[float("inf"), 1.0] * 30, [float("nan")] * 30, [1e308, -1e308] * 30, [5.0] * 30])
def test_odd_numbers(world, values):
    """Infinities, what is no number and the largest numbers stop nothing."""
    version = datasets.publish(
        world.user["owner"], world.project, "odd", pa.table({"a": values}), title="Odd", provenance={}
    )
    assert profiling.compute(version, lambda *_: None)[0]["known"] == len(values)


# Pages and REST


def address(name, version):
    return reverse(f"datasets:{name}", args=[version.dataset.project.slug, version.dataset.name, version.number])


def test_the_page(client_of, world, wards):
    """The page offers to count, shows the job, then the counts with a table behind each drawing."""
    client = client_of("owner")
    assert "Profil" in client.get(address("profile", wards)).content.decode()
    assert client.post(address("profile", wards)).status_code == 303
    assert "<job-progress" in client.get(address("profile", wards)).content.decode()
    assert jobs.run_waiting() == 1
    assert Job.objects.get().state == "done"
    text = client.get(address("profile", wards)).content.decode()
    assert "<svg" in text
    assert "Cardio" in text
    assert "185057800608491" not in text
    assert "Patient 1" not in text
    assert client_of("monitor").post(address("profile", wards)).status_code == 403


def test_asking_twice_counts_once(world, wards):
    """While it is being counted, asking again gives the same job."""
    owner = world.user["owner"]
    assert profiling.ask(owner, wards).pk == profiling.ask(owner, wards).pk


def test_over_rest(api_of, world, profiled):
    """An API client asks for a profile, and reads it."""
    url = reverse("api:datasets:version-profile", args=[profiled.pk])
    assert api_of("owner").post(url).status_code == 202
    answer = api_of("monitor").get(url).json()
    assert {"ward", "age"} <= {column["name"] for column in answer["columns"]}
    assert api_of("monitor").post(url).status_code == 403
