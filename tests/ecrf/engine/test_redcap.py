"""REDCap's dictionaries come in whole, or not at all; its logic keeps its meaning."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from ecrf import engine
from ecrf.engine.expressions import write
from ecrf.engine.redcap import from_redcap, read_record
from ecrf.engine.redcap.columns import COLUMNS
from ecrf.engine.redcap.labels import MAX_LABEL, plain
from ecrf.engine.redcap.units import unit_of
from ecrf.engine.redcap.validations import VALIDATIONS
from tests.ecrf.engine.forms import NOW

HERE = Path(__file__).parents[1] / "data"
ROOT = Path(__file__).parents[3]
TRIAL = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared/data")) / "ecrf/redcap"


def dictionary(*rows: dict[str, str], header: list[str] | None = None) -> str:
    """A dictionary of these fields, each by the short names of the columns."""
    lines = [header or list(COLUMNS.values())]
    for row in rows:
        cells = {"form": "visit", "type": "text", "label": "Label", **row}
        lines.append([cells.get(name, "") for name in COLUMNS])
    return "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)


FIRST = {"name": "record_id"}


def read(*rows: dict[str, str]) -> tuple[engine.Definition, list[engine.Fault]]:
    return from_redcap(dictionary(FIRST, *rows))


def faults(*rows: dict[str, str]) -> list[tuple[int, str, str]]:
    with pytest.raises(engine.Refused) as caught:
        read(*rows)
    return [(fault.params.get("row", 0), fault.params.get("column", ""), fault.code) for fault in caught.value.faults]


def logic(text: str, *fields: dict[str, str]) -> Any:
    """The condition that the branching logic of a last field becomes."""
    definition, _ = read(*FIELDS, *fields, {"name": "last", "branching": text})
    return definition.items["last"].spec.get("visible_if")


FIELDS = (
    {"name": "sbp", "validation": "integer"},
    {"name": "sex", "type": "radio", "choices": "1, F | 2, M"},
    {"name": "race", "type": "checkbox", "choices": "1, A | 2, B"},
    {"name": "q1", "type": "radio", "choices": "0, no | 3, often"},
    {"name": "dob", "validation": "date_dmy"},
    {"name": "free"},
)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("[sbp] > 140 and [sex] = '1'", "[sbp] > 140 and [sex] = '1'"),
        ("[sex]=1", "[sex] = '1'"),
        ('[race(2)] = "1"', "[race(2)]"),
        ("[race(2)] <> '1'", "not([race(2)])"),
        ("[q1] + 1 >= 4", "[q1] + 1 >= 4"),
        ("[free] > 18", "[free] > 18"),
        ("[sex] <> ''", "[sex] <> ''"),
        ("!([sbp] = 1)", "not([sbp] = 1)"),
        ("([sbp] = 1 || [sbp] = 2) && [free] = 'x'", "([sbp] = 1 or [sbp] = 2) and [free] = 'x'"),
        ("datediff([dob], 'today', 'y') >= 18", "datediff([dob], today(), 'y', false) >= 18"),
        ("[dob] > '2020-01-01'", "[dob] > '2020-01-01'"),
        ("sum([q1], [sbp]) > 3 # as agreed", "sum([q1], [sbp]) > 3"),
        ("round([sbp] / 3, 1) = 2.5", "round([sbp] / 3, 1) = 2.5"),
    ],
)
def test_logic_is_read(text: str, means: str) -> None:
    """What authors write in REDCap keeps its meaning."""
    assert write(logic(text)) == means


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[sbp] > ", "unexpected"),
        ("([sbp] > 1", "expected"),
        ("[sbp] > 1)", "unexpected"),
        ("[nobody] = '1'", "unknown_variable"),
        ("[race] = '1'", "checkbox_without_choice"),
        ("[sex(1)] = '1'", "choice_of_no_checkbox"),
        ("[sbp] = 'many'", "text_is_no_number"),
        ("[dob] > 'yesterday'", "text_is_no_date"),
        ("datediff([dob], 'today', 'weeks') > 1", "unknown_unit"),
        ("round() = 1", "wrong_number_of_arguments"),
        ("[sbp] § 3", "unreadable_logic"),
        ("[last] = '1'", "circle"),
        ("(" * 200 + "1" + ")" * 200, "expression_too_deep"),
        ("1" + "/1" * 1500, "expression_too_deep"),
        ("1" + "%1" * 1500, "expression_too_deep"),
        ("1" + "=1" * 1500, "expression_too_deep"),
        ("-" * 1500 + "1", "expression_too_deep"),
    ],
)
def test_broken_logic_refuses_the_file(text: str, code: str) -> None:
    """What is simply wrong is a fault at its row and column."""
    row = len(FIELDS) + 3
    assert (row, COLUMNS["branching"], code) in faults(*FIELDS, {"name": "last", "branching": text})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[visit_1_arm_1][sbp] > 1", "other_event"),
        ("[record-name] = '1'", "smart_variable"),
        ("[sex:label] = 'F'", "piping"),
        ("[visit_complete] = '2'", "form_status"),
        ("hash([sbp]) = 1", "unknown_function"),
    ],
)
def test_unsupported_logic_is_kept_and_said(text: str, code: str) -> None:
    """What only REDCap can do is a warning; the text stays on the item, which is shown always."""
    definition, warnings = read(*FIELDS, {"name": "last", "branching": text})
    assert code in [warning.code for warning in warnings]
    assert "visible_if" not in definition.items["last"].spec
    assert definition.items["last"].spec["unconverted"] == [{"what": "branching", "text": text}]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"name": "2bad"}, "name", "bad_name"),
        ({"name": "record_id"}, "name", "name_twice"),
        ({"name": "a", "form": ""}, "form", "cell_empty"),
        ({"name": "a", "type": "hologram"}, "type", "unknown_field_type"),
        ({"name": "a", "type": "radio"}, "choices", "choices_missing"),
        ({"name": "a", "type": "radio", "choices": "1, A | B"}, "choices", "choice_without_code"),
        ({"name": "a", "type": "radio", "choices": "1, A | 1, B"}, "choices", "choice_twice"),
        ({"name": "a", "type": "radio", "choices": "é, A"}, "choices", "bad_choice_code"),
        ({"name": "a", "type": "calc"}, "choices", "calc_missing"),
        ({"name": "a", "type": "calc", "choices": "1 +"}, "choices", "unexpected"),
        ({"name": "a", "validation": "integer", "min": "few"}, "min", "text_is_no_number"),
        ({"name": "a", "required": "maybe"}, "required", "bad_flag"),
        ({"name": "a", "label": "x" * 20_001}, "label", "text_too_long"),
        ({"name": "a", "note": "<b>" * 20_000}, "note", "text_too_long"),
        ({"name": "a", "type": "radio", "choices": "1, " + "x" * 20_001}, "choices", "text_too_long"),
    ],
)
def test_broken_cells(row: dict[str, str], column: str, code: str) -> None:
    """A wrong cell refuses the file, named by its row and column."""
    assert (3, COLUMNS[column], code) in faults(row)


def test_all_faults_at_once() -> None:
    """Every fault of a file comes in one go, by row."""
    found = faults({"name": "a", "type": "x"}, {"name": "a", "branching": "[z] = 1"}, {"name": "b", "required": "?"})
    assert [row for row, _, _ in found] == [3, 4, 4, 5]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file_empty"),
        ("\n\n", "file_empty"),
        (b"PK\x03\x04\x00\x00", "not_text_file"),
        ("a,b\n1,2", "column_missing"),
        (dictionary(FIRST).replace("Field Note", "Form Name"), "column_twice"),
        (dictionary(FIRST) + '\n"x","y"', "cell_count"),
        (dictionary(FIRST) + '\n"x', "not_csv"),
        (dictionary(), "file_empty"),
    ],
)
def test_files_that_are_no_dictionary(content: bytes | str, code: str) -> None:
    """What is no dictionary is refused with a word on why."""
    with pytest.raises(engine.Refused) as caught:
        from_redcap(content)
    assert code in [fault.code for fault in caught.value.faults]


def test_spreadsheets_of_here() -> None:
    """Semicolons, a BOM and Windows' letters are read; the last is said."""
    text = dictionary(FIRST, {"name": "a", "label": "Âge"})
    assert from_redcap(b"\xef\xbb\xbf" + text.replace('","', '";"').encode())[0].items["a"].spec["label"] == {
        "en": "Âge"
    }
    definition, warnings = from_redcap(text.encode("cp1252"))
    assert definition.items["a"].spec["label"] == {"en": "Âge"}
    assert [warning.code for warning in warnings] == ["encoding_guessed"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>Weight</b><br>in kg", "Weight\nin kg"),
        ("<script>alert(1)</script>Age", "Age"),
        ('<img src=x onerror="alert(1)">Age', "Age"),
        ("a < b &amp; c > d", "a < b & c > d"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<style>*{}</style><svg onload=x>y</svg>z", "z"),
        ("<![if !mso]>Age<![endif]><!-- <b>old</b> -->, years", "Age, years"),
        ("<<!a>![ x>Age", "<![ x>Age"),
        ("Age <b", "Age <b"),
    ],
)
def test_labels_are_plain_text(html: str, text: str) -> None:
    """Of HTML only the words stay."""
    assert plain(html)[0] == text


@pytest.mark.parametrize("part", ["<a ", "<a '", '<a x="', "<!--", "<![", "</a", "<svg>", "<a>"])
def test_labels_are_read_at_once(part: str) -> None:
    """A text of open tags takes no longer than any other."""
    start = process_time()
    plain(part * (MAX_LABEL // len(part)))
    assert process_time() - start < 1


def test_units_leave_the_label() -> None:
    """A unit at the end of a number's label becomes its unit; other parentheses stay."""
    assert unit_of("Height (cm)") == ("Height", "cm")
    assert unit_of("Drug (per day)") == ("Drug (per day)", "")


def test_validation_types_are_known() -> None:
    """Each type of REDCap's standard list becomes a type or a format of ours."""
    for name in VALIDATIONS.keys() - {"", "signature"}:
        definition, warnings = read({"name": "a", "validation": name})
        assert not warnings
        spec = definition.items["a"].spec
        assert spec["type"] != "text" or spec["format"] == name


def test_action_tags() -> None:
    """Action tags that have a meaning here are carried over, the others said."""
    definition, warnings = read(
        {"name": "a", "annotation": "@HIDDEN @DEFAULT='7'", "validation": "integer"},
        {"name": "b", "annotation": '@CALCTEXT(if([a] > 3, "high (very)", "low")) @SETVALUE="x"'},
        {"name": "c", "annotation": "@READONLY @NOW", "validation": "datetime_ymd"},
    )
    assert definition.items["a"].spec["default"] == ["number", "7"]
    assert definition.items["a"].spec["hidden"] is True
    assert engine.evaluate(definition, {"a": "4"}, NOW).values["b"] == "high (very)"
    assert engine.evaluate(definition, {}, NOW).values["c"] == "2026-11-23T14:05"
    assert [warning.code for warning in warnings] == ["tag_not_supported"]


def test_dates_computed_by_a_tag() -> None:
    """@CALCDATE computes a date from another one; nobody is asked for it."""
    tag = {"validation": "date_ymd", "required": "y", "annotation": "@CALCDATE([a], 7, 'd')"}
    definition, warnings = read({"name": "a", "validation": "date_ymd"}, {"name": "b", **tag})
    spec = definition.items["b"].spec
    assert warnings == []
    assert spec["calc"] == ["shift", ["var", "a"], ["number", "7"], ["text", "d"]]
    assert "required" not in spec
    assert engine.evaluate(definition, {"a": "2026-12-28"}, NOW).values["b"] == "2027-01-04"


def test_dates_that_only_redcap_computes() -> None:
    """A @CALCDATE with a unit that isn't ours is kept and said; nobody types into its field."""
    tag = {"validation": "datetime_ymd", "annotation": "@CALCDATE([a], 7, 's')"}
    definition, warnings = read({"name": "a", "validation": "datetime_ymd"}, {"name": "b", **tag})
    assert [warning.code for warning in warnings] == ["unknown_unit"]
    assert definition.items["b"].spec["readonly"] is True


def test_long_texts_of_a_translation() -> None:
    """A text too long in another language is said and left out."""
    english = dictionary(FIRST, {"name": "a", "label": "x" * 20_001})
    definition, warnings = from_redcap(dictionary(FIRST, {"name": "a"}), language="fr", translations={"en": english})
    assert definition.items["a"].spec["label"] == {"fr": "Label"}
    assert [warning.code for warning in warnings] == ["text_too_long"]


def test_second_language() -> None:
    """The same dictionary in another language adds its texts; what it lacks is said, and nothing else changes."""
    french = dictionary(FIRST, {"name": "a", "type": "radio", "label": "Sexe", "choices": "1, Femme | 2, Homme"})
    english = dictionary(FIRST, {"name": "a", "type": "radio", "label": "Sex", "choices": "1, Female"})
    definition, warnings = from_redcap(french, language="fr", translations={"en": english})
    item = definition.items["a"].spec
    assert item["label"] == {"fr": "Sexe", "en": "Sex"}
    assert [choice["label"] for choice in item["choices"]] == [{"fr": "Femme", "en": "Female"}, {"fr": "Homme"}]
    assert [warning.code for warning in warnings] == ["translation_missing"]


def test_matrix_and_sections() -> None:
    """A section header opens a group; fields of a matrix stay together."""
    definition, _ = read(
        {"name": "a", "section": "First"},
        {"name": "b", "type": "radio", "choices": "1, A", "matrix": "m"},
        {"name": "c", "type": "radio", "choices": "1, A", "matrix": "m"},
        {"name": "d"},
    )
    groups = definition.data["pages"][0]["groups"]
    assert [[item["key"] for item in group["items"]] for group in groups] == [["record_id"], ["a"], ["b", "c"], ["d"]]
    assert groups[1]["title"] == {"en": "First"}
    assert groups[2]["matrix"] == "m"


def test_the_demo_form_is_clean() -> None:
    """The sepsis form comes in without a warning, in both languages."""
    demo = ROOT / "ecrf/demo"
    english = (demo / "sepsis.en.csv").read_bytes()
    definition, warnings = from_redcap((demo / "sepsis.csv").read_bytes(), language="fr", translations={"en": english})
    assert warnings == []
    for item in definition.items.values():
        texts = [item.spec["label"], *(choice["label"] for choice in item.codes.values())]
        assert all(text.keys() == {"fr", "en"} for text in texts), item.key


def records(folder: Path) -> list[tuple[engine.Definition, dict[str, str]]]:
    definition, _ = from_redcap((folder / "dictionary.csv").read_bytes())
    with (folder / "data.csv").open(newline="") as lines:
        return [(definition, row) for row in csv.DictReader(lines)]


def test_records_in_redcap_layout() -> None:
    """Exported records become values: boxes a list, REDCap's own columns apart."""
    definition, _ = from_redcap((HERE / "visit.csv").read_bytes())
    row = {"record_id": "1", "redcap_event_name": "v", "signs___1": "1", "signs___2": "0", "weight": "80", "x": "1"}
    values, strangers = read_record(definition, row)
    assert values == {"record_id": "1", "signs": ["1"], "weight": "80"}
    assert strangers == ["x"]


@pytest.mark.parametrize("project", ["longitudinal", "repeating-instruments", "validation-types"])
def test_real_projects(project: str) -> None:
    """Real projects come in, and each exported record passes the server's check with the same calculations."""
    folder = TRIAL / project
    if not folder.exists():
        folder = HERE / "project"
    for definition, row in records(folder):
        values, strangers = read_record(definition, row)
        context = engine.Context(NOW.now, subject=next(iter(row.values())))
        state = engine.evaluate(definition, values, context)
        assert strangers == []
        assert state.errors == []
        assert state.recomputed == frozenset()
