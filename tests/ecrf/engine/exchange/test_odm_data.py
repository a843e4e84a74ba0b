"""Data go out as ODM with who changed what, and come in with every wrong value at its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import ModuleType

import pytest

from ecrf import engine
from ecrf.engine.exchange import odm_1_3_2, odm_2_0
from ecrf.engine.exchange.odm.data import People
from ecrf.engine.exchange.records import Change, Reading, Record, Signature
from tests.ecrf.engine.exchange.studies import sample, study
from tests.ecrf.engine.exchange.test_odm import VERSIONS, problems, written

NOW = datetime(2026, 11, 23, 14, 5)  # noqa: DTZ001  (forms have no zone)
MORNING, NOON = "2026-11-01T08:00:00Z", "2026-11-01T12:00:00+01:00"


def records() -> list[Record]:
    """Two subjects: rows, boxes, notes, changes, a signature, a repeating page and a repeating event."""
    return [
        Record(
            "BRO-001",
            "BRO",
            "inclusion",
            values={
                "name": 'Ann <& co> "é"',
                "comment": "first\nsecond line",
                "sex": "f",
                "race": ["1", "2"],
                "weight": "60.5",
                "seen": "2026-11-01T08:05",
                "woke": "07:30:15",
                "meds": [{"drug": "A", "dose": "2.5", "route": ["iv"]}, {"drug": "B", "route": []}],
            },
            notes={
                "weight": {"status": "check", "comment": "on <our> scales"},
                "height": {"status": "nd"},
                "born": {"status": "-99", "comment": "", "locked": True},
            },
            audit=[
                Change("weight", "65.5", "u1", "BRO", MORNING),
                Change("weight", "60.5", "u2", "BRO", NOON, "typing error"),
                Change("race", ["1"], "u1", "BRO", MORNING),
                Change("race", ["1", "2"], "u1", "BRO", NOON),
                Change("", None, "u2", "BRO", NOON),
            ],
            pages={"person": "complete", "drugs": "incomplete"},
            signatures=[Signature("person", "u2", "BRO", NOON, "I checked it")],
        ),
        Record("BRO-001", "BRO", "week_4", "events_page", 1, values={"term": "Fever"}),
        Record("BRO-001", "BRO", "week_4", "events_page", 2, values={"term": "Rash", "serious": "1"}),
        Record("LYO-001", "LYO", "inclusion", values={"race": []}),
    ]


def bare(record: Record, *, audit: bool = True) -> Record:
    """Without its place; what is said of nothing is nothing."""
    notes = {key: {name: said for name, said in note.items() if said} for key, note in record.notes.items()}
    return replace(record, place="", notes=notes, audit=record.audit if audit else [])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("audit", [True, False])
def test_records_go_round(version: ModuleType, audit: bool) -> None:
    """Values, notes, states, signatures and, where they are wanted, all changes come back from a valid file."""
    definition = engine.load(study())
    people = People({"u1": "Ann", "u2": "Bob"}, {"BRO": "Brest", "LYO": "Lyon"})
    content = "".join(version.write_data(definition, records(), audit=audit, created=NOW, people=people)).encode()
    assert problems(version, content) == []
    reading = Reading()
    found = list(version.read_data(content, definition, reading))
    assert reading.faults == []

    def order(record: Record) -> Record:
        return replace(record, audit=sorted(record.audit, key=lambda change: (change.key, change.at, change.user)))

    assert [order(bare(record)) for record in found] == [order(bare(record, audit=audit)) for record in records()]
    assert version.read(content)[0] == definition.data


def test_a_file_is_written_in_pieces() -> None:
    """No more than one subject is in memory at a time, in a file or out of it."""
    definition = engine.load(study())
    waiting = iter([Record(f"S-{number}", "", "inclusion", values={"sex": "f"}) for number in range(3)])
    pieces = odm_1_3_2.write_data(definition, waiting, audit=False)
    first = next(piece for piece in pieces if "S-0" in piece)
    assert "S-1" not in first
    assert next(waiting).subject == "S-2"


def test_real_data_come_in() -> None:
    """The data of another system come in whole, and out again the same."""
    content = sample("odm/odm-data-snapshot.xml")
    definition = engine.load(odm_1_3_2.read(content)[0])
    reading = odm_1_3_2.read_records(content, definition, now=NOW)
    assert (reading.faults, reading.warnings) == ([], [])
    assert len(reading.records) == 12
    assert sum(len(rows) for record in reading.records for rows in record.values.values()) == 60
    values = [row for record in reading.records for rows in record.values.values() for row in rows]
    assert sum(len(row) for row in values) == 165
    for version in VERSIONS:
        again = "".join(version.write_data(definition, reading.records)).encode()
        assert [bare(one) for one in version.read_data(again, definition)] == [bare(one) for one in reading.records]


DATA = """<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><ClinicalData StudyOID="S" MetaDataVersionOID="V">
<SubjectData SubjectKey="1"><SiteRef LocationOID="L1"/>
<StudyEventData StudyEventOID="SE.V1">
<FormData FormOID="FORM.VS" FormRepeatKey="first"><ItemGroupData ItemGroupOID="IG.VS">
<ItemData ItemOID="ODM.IT.VS.WEIGHT" Value="60.5"/>
<ItemData ItemOID="IT.POS" Value="LYING/FLAT"/>
<ItemDataBoolean ItemOID="IT.FASTING">true</ItemDataBoolean>
</ItemGroupData></FormData>
<FormData FormOID="FORM.VS" FormRepeatKey="second"><ItemGroupData ItemGroupOID="IG.ROWS" ItemGroupRepeatKey="1">
<ItemData ItemOID="IT.POS" Value="UP"/></ItemGroupData></FormData>
</StudyEventData></SubjectData></ClinicalData></ODM>"""


def test_keys_codes_and_types_of_others() -> None:
    """Keys that are no numbers are counted; codes, truths and typed values become ours."""
    definition = engine.load(odm_1_3_2.read(written())[0])
    first, second = odm_1_3_2.read_data(DATA.encode(), definition)
    assert (first.event, first.page, first.instance, first.site) == ("V1", "VS", 1, "L1")
    assert first.values == {"VS_WEIGHT": "60.5", "POS": "LYING_FLAT", "FASTING": "1"}
    assert (second.instance, second.values) == (2, {"ROWS": [{"POS_VS": "UP"}]})


@pytest.mark.parametrize(
    ("change", "to", "line", "code"),
    [
        ('SubjectKey="1"', 'SubjectKey=""', 2, "cell_empty"),
        ('StudyEventOID="SE.V1"', 'StudyEventOID="SE.V9"', 3, "unknown_event"),
        ('FormOID="FORM.VS" FormRepeatKey="first"', 'FormOID="FORM.X"', 4, "unknown_page"),
        ('ItemGroupOID="IG.VS"', 'ItemGroupOID="IG.X"', 4, "unknown_group"),
        ('ItemOID="ODM.IT.VS.WEIGHT"', 'ItemOID="IT.X"', 5, "unknown_variable"),
        ('Value="60.5"', 'Value="heavy"', 5, "not_number"),
        ('Value="60.5"', 'Value="60.55"', 5, "too_many_decimals"),
        ('Value="60.5"', 'Value="0.5"', 4, "below_min"),
        ('Value="LYING/FLAT"', 'Value="SITTING"', 6, "unknown_choice"),
        (">true<", ">perhaps<", 7, "unknown_choice"),
        ("</ODM>", "", 11, "not_xml"),
    ],
)
def test_wrong_values_are_named(change: str, to: str, line: int, code: str) -> None:
    """Each value that can't be is named with the line on which it stands, and no other."""
    assert change in DATA
    content = DATA.replace(change, to)
    definition = engine.load(odm_1_3_2.read(written())[0])
    reading = odm_1_3_2.read_records(content.encode(), definition, now=NOW)
    assert [(fault.place.partition(",")[0], fault.code) for fault in reading.faults] == [(f"line {line}", code)]


def test_repeats_of_an_event_and_of_a_page_in_it() -> None:
    """Copies of a page at an event that repeats itself are counted together, and said."""
    definition = engine.load(study())
    form = '<FormData FormOID="F.events_page" FormRepeatKey="{}"><ItemGroupData ItemGroupOID="IG.events_page.1">'
    form += '<ItemData ItemOID="I.term" Value="{}"/></ItemGroupData></FormData>'
    content = '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><ClinicalData><SubjectData SubjectKey="1">'
    for visit in (1, 2):
        content += f'<StudyEventData StudyEventOID="SE.safety" StudyEventRepeatKey="{visit}">'
        content += form.format(1, f"at {visit}") + "</StudyEventData>"
    reading = odm_1_3_2.read_records((content + "</SubjectData></ClinicalData></ODM>").encode(), definition, now=NOW)
    assert reading.faults == []
    assert [warning.code for warning in reading.warnings] == ["two_repeats"]
    assert len({(record.page, record.instance) for record in reading.records}) == 2


def test_in_2_0_an_item_has_several_values() -> None:
    """What is ticked is one item with its values in 2.0, and one item per box in 1.3.2."""
    definition = engine.load(study())
    record = Record("1", "", "inclusion", values={"race": ["1", "2"]})
    new = "".join(odm_2_0.write_data(definition, [record], audit=False))
    assert '<Value SeqNum="1">1</Value><Value SeqNum="2">2</Value>' in new
    old = "".join(odm_1_3_2.write_data(definition, [record], audit=False))
    assert '<ItemData ItemOID="I.race.9" Value="0"/>' in old
