"""Studies come in as CDISC ODM and go out as such: valid, and the same when they come back."""

from __future__ import annotations

import copy
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.exchange import odm_1_3_2, odm_2_0
from ecrf.engine.exchange.odm import grammar
from ecrf.engine.exchange.odm.keys import code_of, key_of, unique
from ecrf.engine.exchange.xml import MAX_DEPTH, parse
from tests.ecrf.engine.exchange.studies import TRIAL, sample, study

VERSIONS = [odm_1_3_2, odm_2_0]
SCHEMAS = {odm_1_3_2: "odm/schema_1_3_2/ODM1-3-2.xsd", odm_2_0: "odm/schema_v2/ODM.xsd"}


@cache
def schema(version: ModuleType) -> Any:
    """CDISC's own schema of a version, where it is at hand."""
    path = TRIAL / SCHEMAS[version]
    return pytest.importorskip("xmlschema").XMLSchema(str(path)) if path.exists() else None


def problems(version: ModuleType, content: bytes) -> list[str]:
    """What is wrong with a file: by the schema of CDISC where it is at hand, by our own grammar always."""
    root = parse(content)
    found = [f"{fault.place}: {fault.code}" for fault in grammar.faults(root, version.FAMILY)]
    if schema(version) is not None:
        found += [
            f"{error.path}: {error.reason}"
            for error in schema(version).iter_errors(content.decode().partition("?>")[2])
        ]
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_a_study_goes_round(version: ModuleType) -> None:
    """All that a study says is there again when its file is read, and the file is a valid one."""
    definition = engine.load(study())
    content, remarks = version.write(definition)
    assert problems(version, content) == []
    data, lost = version.read(content, language="de")
    assert data == definition.data
    assert lost == []
    said = {remark.params["property"] for remark in remarks}
    assert {"look", "identifier", "day", "placeholder"} <= said
    assert "label" not in said


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["odm/cdash-odm-test.xml", "odm/odm-data-snapshot.xml"])
def test_files_of_others(version: ModuleType, name: str) -> None:
    """Studies of other systems come in, and go out valid and unchanged."""
    data, _ = odm_1_3_2.read(sample(name))
    content, _ = version.write(engine.load(data))
    assert problems(version, content) == []
    assert version.read(content)[0] == data


def test_a_wrong_file_is_refused_with_its_lines() -> None:
    """An element that ODM doesn't know, and the one that is missing, are named with their lines."""
    with pytest.raises(engine.Refused) as caught:
        odm_1_3_2.read(sample("odm/cdash-odm-test-invalid.xml"))
    assert [(fault.params["row"], fault.code, fault.params["name"]) for fault in caught.value.faults] == [
        (13, "xml_element_missing", "StudyName"),
        (14, "xml_element_unknown", "studyName"),
    ]


def written(change: str = "", to: str = "") -> bytes:
    """A small study of another system, with one place changed."""
    text = """<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Snapshot" FileOID="f" CreationDateTime="2026-01-01T00:00:00">
<Study OID="S"><GlobalVariables><StudyName>S</StudyName><StudyDescription>About</StudyDescription>
<ProtocolName>P</ProtocolName></GlobalVariables>
<BasicDefinitions><MeasurementUnit OID="MU.KG" Name="kilogram"><Symbol><TranslatedText xml:lang="en">kg</TranslatedText>
</Symbol></MeasurementUnit></BasicDefinitions>
<MetaDataVersion OID="V" Name="V1"><Protocol><StudyEventRef StudyEventOID="SE.V1" Mandatory="Yes"/></Protocol>
<StudyEventDef OID="SE.V1" Name="Visit" Repeating="No" Type="Unscheduled">
<FormRef FormOID="FORM.VS" Mandatory="Yes" CollectionExceptionConditionOID="COND.1"/></StudyEventDef>
<FormDef OID="FORM.VS" Name="Vital signs" Repeating="Yes"><ItemGroupRef ItemGroupOID="IG.VS" Mandatory="Yes"/>
<ItemGroupRef ItemGroupOID="IG.ROWS" Mandatory="No"/></FormDef>
<ItemGroupDef OID="IG.VS" Name="Vital signs" Repeating="No"><ItemRef ItemOID="ODM.IT.VS.WEIGHT" Mandatory="Yes"/>
<ItemRef ItemOID="IT.POS" Mandatory="No"/><ItemRef ItemOID="IT.FASTING" Mandatory="No" MethodOID="M.1"/></ItemGroupDef>
<ItemGroupDef OID="IG.ROWS" Name="Rows" Repeating="Yes"><ItemRef ItemOID="IT.POS" Mandatory="No"/></ItemGroupDef>
<ItemDef OID="ODM.IT.VS.WEIGHT" Name="Weight" DataType="float" SignificantDigits="1" SASFieldName="WGT">
<Question><TranslatedText xml:lang="en">Weight?</TranslatedText><TranslatedText xml:lang="fr">Poids ?</TranslatedText>
</Question><MeasurementUnitRef MeasurementUnitOID="MU.KG"/>
<RangeCheck Comparator="GE" SoftHard="Hard"><CheckValue>1</CheckValue></RangeCheck>
<RangeCheck Comparator="LT" SoftHard="Soft"><CheckValue>300</CheckValue><ErrorMessage>
<TranslatedText xml:lang="en">Really?</TranslatedText></ErrorMessage></RangeCheck>
<Alias Context="CDASH" Name="WEIGHT"/></ItemDef>
<ItemDef OID="IT.POS" Name="Position" DataType="text"><CodeListRef CodeListOID="CL.POS"/>
<RangeCheck Comparator="IN" SoftHard="Soft"><CheckValue>LYING/FLAT</CheckValue></RangeCheck></ItemDef>
<ItemDef OID="IT.FASTING" Name="Fasting" DataType="boolean"/>
<CodeList OID="CL.POS" Name="Position" DataType="text"><EnumeratedItem CodedValue="LYING/FLAT"/>
<EnumeratedItem CodedValue="UP"/></CodeList>
<ConditionDef OID="COND.1" Name="C"><Description><TranslatedText>c</TranslatedText></Description>
<FormalExpression Context="XPath">/a/b</FormalExpression></ConditionDef>
<MethodDef OID="M.1" Name="M" Type="Computation"><Description><TranslatedText>m</TranslatedText></Description>
<FormalExpression Context="SAS">x=1</FormalExpression></MethodDef>
</MetaDataVersion></Study></ODM>"""
    assert change in text
    return text.replace(change, to, 1).encode()


def items_of(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["key"]: item for page in data["pages"] for group in page["groups"] for item in group["items"]}


def in_xsd_order(content: bytes) -> bytes:
    """ODM wants the range checks of an item before its choices."""
    return content.replace(
        b'<CodeListRef CodeListOID="CL.POS"/>\n<RangeCheck Comparator="IN" SoftHard="Soft">'
        b"<CheckValue>LYING/FLAT</CheckValue></RangeCheck>",
        b'<RangeCheck Comparator="IN" SoftHard="Soft"><CheckValue>LYING/FLAT</CheckValue></RangeCheck>'
        b'<CodeListRef CodeListOID="CL.POS"/>',
    )


def test_what_parts_mean() -> None:
    """Units, limits, checks, languages, types and repeats of another system are ours afterwards."""
    data, remarks = odm_1_3_2.read(written())
    items = items_of(data)
    assert data["events"] == [{"key": "V1", "title": {"en": "Visit"}, "pages": ["VS"], "kind": "unscheduled"}]
    assert data["languages"] == ["en", "fr"]
    assert data["pages"][0]["repeats"] is True
    assert data["pages"][0]["groups"][1]["repeat"] == {"key": "ROWS"}
    weight = items["VS_WEIGHT"]
    assert (weight["type"], weight["unit"], weight["decimals"], weight["required"]) == ("decimal", "kg", 1, True)
    assert (weight["min"], weight["range"]) == (["number", "1"], "block")
    assert [(check["holds"], check["severity"], check["message"]) for check in weight["checks"]] == [
        (["<", ["var", "VS_WEIGHT"], ["number", "300"]], "warn", {"en": "Really?"})
    ]
    assert weight["label"] == {"en": "Weight?", "fr": "Poids ?"}
    assert weight["source"]["odm.SASFieldName"] == "WGT"
    assert weight["source"]["odm.alias.CDASH"] == "WEIGHT"
    assert [choice["code"] for choice in items["POS"]["choices"]] == ["LYING_FLAT", "UP"]
    assert items["POS_VS"]["choices"] == items["POS"]["choices"]
    assert items["FASTING"]["look"] == "yesno"
    assert items["FASTING"]["readonly"] is True
    assert items["FASTING"]["unconverted"] == [{"what": "method (SAS)", "text": "x=1"}]
    assert [(remark.code, remark.params.get("context")) for remark in remarks] == [
        ("foreign_expression", "XPath"),
        ("foreign_expression", "SAS"),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_parts_of_others_stay(version: ModuleType) -> None:
    """An item that two groups share is one item again; codes, names and attributes are the other system's own."""
    data, _ = odm_1_3_2.read(written())
    content, _ = version.write(engine.load(data))
    assert problems(version, content) == []
    assert version.read(content)[0] == data
    assert content.count(b'OID="IT.POS" Name="Position"') == 1
    assert b'CodedValue="LYING/FLAT"' in content


def test_our_grammar_finds_what_the_schema_finds() -> None:
    """The files of the tests are what they say: the one of another system is valid."""
    assert problems(odm_1_3_2, in_xsd_order(written())) == []


@pytest.mark.parametrize(
    ("change", "to", "code"),
    [
        (' Name="Weight"', "", "xml_attribute_missing"),
        ("<StudyName>S</StudyName>", "", "xml_element_missing"),
        ("<ProtocolName>P</ProtocolName>", "<Protocol>P</Protocol>", "xml_element_unknown"),
        ('ItemOID="IT.FASTING"', 'ItemOID="IT.NOBODY"', "unknown_oid"),
        ('ItemGroupOID="IG.ROWS"', 'ItemGroupOID="IG.NOTHING"', "unknown_oid"),
        ('FormOID="FORM.VS"', 'FormOID="FORM.NOTHING"', "unknown_oid"),
        ('StudyEventOID="SE.V1"', 'StudyEventOID="SE.NOTHING"', "unknown_oid"),
        ('OID="IT.FASTING" Name', 'OID="IT.POS" Name', "oid_twice"),
        ('DataType="boolean"', 'DataType="hologram"', "unknown_field_type"),
        ('CodedValue="UP"', 'CodedValue="LYING/FLAT"', "choice_twice"),
        ("</Study></ODM>", "</Study>", "not_xml"),
        ("http://www.cdisc.org/ns/odm/v1.3", "http://example.org", "not_odm"),
        ('<?xml version="1.0"?>', '<!DOCTYPE x [<!ENTITY a "b">]>', "xml_with_dtd"),
        ('Context="SAS">x=1', 'Context="suite">1 +', "unreadable_expression"),
        ('Alias Context="CDASH" Name="WEIGHT"', 'Alias Context="suite" Name="{"', "bad_alias"),
    ],
)
def test_broken_files(change: str, to: str, code: str) -> None:
    """What isn't ODM, or says of a part that it is elsewhere and it isn't, is refused with its place."""
    with pytest.raises(engine.Refused) as caught:
        odm_1_3_2.read(written(change, to))
    assert code in [fault.code for fault in caught.value.faults]
    assert all(fault.place == "file" or fault.place.startswith("line ") for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("change", "to", "code"),
    [
        ('CodeListRef CodeListOID="CL.POS"', 'CodeListRef CodeListOID="CL.NOTHING"', "unknown_oid"),
        ('DataType="boolean"', 'DataType="partialDatetime"', "type_as_text"),
        ('Comparator="LT"', 'Comparator="IN"', ""),
        ("<CheckValue>300", "<CheckValue>many", "range_not_read"),
        (
            'MeasurementUnitRef MeasurementUnitOID="MU.KG"',
            'MeasurementUnitRef MeasurementUnitOID="MU.X"',
            "unknown_oid",
        ),
    ],
)
def test_what_is_not_carried_is_said(change: str, to: str, code: str) -> None:
    """What can be left out without making another study of it is left out, and said."""
    _, remarks = odm_1_3_2.read(written(change, to))
    assert (code in [remark.code for remark in remarks]) == bool(code)


def test_elements_too_deep() -> None:
    """A file of nothing but openings ends at once."""
    with pytest.raises(engine.Refused) as caught:
        odm_1_3_2.read(b"<a>" * (MAX_DEPTH + 1))
    assert [fault.code for fault in caught.value.faults] == ["xml_too_deep"]


def test_groups_inside_groups() -> None:
    """In 2.0 groups hold groups: they come one after the other, the inner ones deeper; a circle is refused."""
    data = study()
    content = odm_2_0.write(engine.load(data))[0].decode()
    inner = '<ItemGroupDef OID="IG.new" Name="Inner" Repeating="No" Type="Section">'
    moved = content.replace(
        '<ItemGroupRef ItemGroupOID="IG.drugs.2"', '<ItemGroupRef ItemGroupOID="IG.new"', 1
    ).replace(
        '<ItemGroupDef OID="IG.drugs.2"',
        f'{inner}<ItemGroupRef ItemGroupOID="IG.drugs.2" Mandatory="No"/></ItemGroupDef>\n'
        '<ItemGroupDef OID="IG.drugs.2"',
    )
    read, _ = odm_2_0.read(moved.encode())
    assert [group.get("level", 1) for group in read["pages"][1]["groups"]] == [1, 2]
    circle = moved.replace('ItemGroupRef ItemGroupOID="IG.drugs.2"', 'ItemGroupRef ItemGroupOID="F.drugs"')
    with pytest.raises(engine.Refused) as caught:
        odm_2_0.read(circle.encode())
    assert "circle" in [fault.code for fault in caught.value.faults]


def test_arms_and_workflows() -> None:
    """In 2.0 each arm has its group of events, and the visits that are planned are its workflow."""
    content = odm_2_0.write(engine.load(study()))[0].decode()
    assert 'StudyEventGroupDef OID="SEG.ARM.drug_arm"' in content
    assert 'Transition OID="WF.suite.ARM.drug_arm.1"' in content
    assert "WF.suite.ARM.placebo" not in content


def test_items_of_the_same_oid_that_differ() -> None:
    """Two items that came from one and were changed since are two again, and come back as they are."""
    data, _ = odm_1_3_2.read(written())
    changed = copy.deepcopy(data)
    items_of(changed)["POS_VS"]["label"] = {"en": "Other"}
    items_of(changed)["POS_VS"]["choices"][0]["label"] = {"en": "Flat"}
    content, _ = odm_1_3_2.write(engine.load(changed))
    assert problems(odm_1_3_2, content) == []
    assert odm_1_3_2.read(content)[0] == changed


def test_keys_from_oids() -> None:
    """Keys are short, unlike each other whatever the case, and the same each time."""
    assert key_of("ODM.IT.VS.HEIGHT") == "VS_HEIGHT"
    assert key_of("SE.VISIT 1") == "VISIT_1"
    assert key_of("1") == "k_1"
    assert key_of("é") == "e"
    assert key_of("…") == "k"
    assert unique("a", {"a", "a_2"}) == "a_3"
    assert code_of("A/B", {"A_B": ""}) == "A_B_2"
    assert code_of("A_B", {}) == "A_B"
