"""Coding free text: dictionaries and their versions, what waits, what is sure, who approves, and what lapses."""

from __future__ import annotations

import io
import json
import zipfile
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from core.access import Refused
from core.access.demo import World
from core.errors import Conflict, Invalid
from ecrf import codes, engine, services
from ecrf.engine import Sheet
from ecrf.engine.coding import texts
from ecrf.engine.dictionaries import normalised, read
from ecrf.models import Coded, Dictionary, Entry, Form, Query, Subject
from ecrf.services import coding, dictionaries
from ecrf.web.presenting import present
from tests.ecrf.conftest import Study
from tests.ecrf.test_export import exported
from tests.ecrf.trial import granted
from tests.ecrf.visits import TRIAL, publish
from tests.ecrf.walks.places import API

TERMS = """code,label,organ,organ_code,synonyms,current
F001,Fièvre bleue,Troubles généraux,G1,Accès bleu|Chaleur bleue,1
F002,Fièvre verte,Troubles généraux,G1,,1
T003,Toux sèche,Respiration,R1,,1
T004,Toux ancienne,Respiration,R1,,0
"""
NEXT = """code,label,organ,organ_code
F001,Fièvre bleue,Fièvres,G2
T003,Toux sans crachat,Respiration,R1
"""
LLT = """10$Invented fever$100$$$$$$$Y$
11$Old fever$100$$$$$$$N$
"""
MDHIER = (
    "100$200$300$400$Fever term$Fever group$Fever class$General organ$Gen$$400$Y$\n"
    "100$201$301$401$Fever term$Other group$Other class$Other organ$Oth$$400$N$\n"
)
CLAML = """<ClaML><Class code="I" kind="chapter"><Rubric kind="preferred"><Label>Chapter one</Label></Rubric></Class>
<Class code="X00" kind="category"><SuperClass code="I"/>
<Rubric kind="preferred"><Label>Invented <i>rash</i></Label></Rubric>
<Rubric kind="inclusion"><Label>Spots</Label></Rubric></Class></ClaML>"""


def archive(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for name, text in files.items():
            opened.writestr(f"ascii/{name}.asc", text)
    return out.getvalue()


def test_each_kind_of_file_is_read() -> None:
    """A table, ATC and ICD-10 codes, ClaML and MedDRA give terms with what they belong to."""
    found = {term.code: term for term in read("csv", TERMS.encode()).terms}
    assert found["F001"].path == (("G1", "Troubles généraux"),)
    assert found["F001"].synonyms == ("Accès bleu", "Chaleur bleue")
    assert not found["T004"].current
    atc = read("atc", b"code;label\nA;Gut\nA01;Mouth\nA01A;Mouth care\nA01AA;Paste\nA01AA01;Fluorine\n").terms[-1]
    assert [code for code, _label in atc.path] == ["A", "A01", "A01A", "A01AA"]
    icd = read("icd10", b"code,label,chapter\nX00,Rash,One\nX00.1,Red rash,One\n").terms[-1]
    assert icd.path == (("", "One"), ("X00", "Rash"))
    claml = read("claml", CLAML.encode()).terms
    assert [(one.code, one.label, one.path, one.synonyms) for one in claml] == [
        ("X00", "Invented rash", (("I", "Chapter one"),), ("Spots",))
    ]
    meddra = read("meddra", archive(llt=LLT, mdhier=MDHIER))
    assert meddra.levels == ("soc", "hlgt", "hlt", "pt")
    assert [step[0] for step in meddra.terms[0].path] == ["400", "300", "200", "100"]
    assert [term.current for term in meddra.terms] == [True, False]


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("csv", b"name\nx\n", "column_missing"),
        ("csv", b"code,label\nA,b\nA,c\n", "code_twice"),
        ("csv", b"code,label\nA,\n", "bad_term"),
        ("csv", b"code,label\n", "no_terms"),
        ("csv", b"\xff\xfe", "not_utf8"),
        ("meddra", b"PK nothing", "not_an_archive"),
        ("meddra", archive(llt=LLT), "file_missing"),
        ("claml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><ClaML>&a;</ClaML>", "not_xml"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_named(kind: str, content: bytes, code: str) -> None:
    """What is wrong with a dictionary's file is said by its place; nothing of it is taken."""
    assert code in {fault.code for fault in read(kind, content).faults}


def test_texts_are_compared_without_capitals_accents_and_signs() -> None:
    """«Fièvre, BLEUE !» says the same as «fievre bleue»."""
    assert normalised("  Fièvre, BLEUE ! ") == "fievre bleue"


def test_a_number_is_not_coded() -> None:
    """Only a text names a dictionary."""
    wrong = deepcopy(TRIAL)
    wrong["pages"][0]["groups"][0]["items"][0]["coding"] = {"dictionary": "x"}
    with pytest.raises(engine.Refused) as refused:
        engine.load(wrong)
    assert refused.value.faults[0].code == "coding_misplaced"


@dataclass
class Coder:
    world: World
    form: Form
    subject: Subject
    dictionary: Dictionary

    def load(self, content: str = TERMS, version: str = "1") -> Dictionary:
        named = {"kind": "csv", "key": "signs", "title": "Signes inventés", "version": version}
        return services.load_dictionary(self.world.user["owner"], self.world.project, content.encode(), **named)

    def event(self, text: str, instance: int = 1, base: int = 0) -> Entry:
        sheet, member = Sheet("during", "ae", instance), self.world.user["member"]
        return services.save_entry(member, self.subject, self.form, base, {"term": text}, sheet=sheet).entry

    def group(self, text: str) -> coding.Group:
        found = coding.groups_of(self.world.user["owner"], self.form)
        return next(group for group in found if normalised(group.text) == normalised(text))

    def code(self, text: str, code: str, who: str = "owner") -> list[Coded]:
        group = self.group(text)
        return coding.code_text(self.world.user[who], self.form, group.dictionary, group.digest, code)


@pytest.fixture
def coder(world: World) -> Coder:
    data = deepcopy(TRIAL)
    data["pages"][2]["groups"][0]["items"][0]["coding"] = {"dictionary": "signs"}
    data["pages"][1]["groups"][1]["items"][0]["coding"] = {"dictionary": "drugs"}
    form = publish(world, data)
    found = Coder(world, form, services.include_subject(world.user["member"], world.site_a), Dictionary())
    found.dictionary = found.load()
    return found


def test_alike_texts_wait_together_and_are_coded_at_once(coder: Coder) -> None:
    """A code is given to a text wherever it stands, and stays as long as the text says the same."""
    first, _second = coder.event("fièvre  bleue"), coder.event("Fièvre bleue.", 2)
    coder.event("autre chose", 3)
    assert [(len(one.places), len(one.waiting)) for one in coding.groups_of(coder.world.user["owner"], coder.form)] == [
        (2, 2),
        (1, 1),
    ]
    assert len(coder.code("fièvre bleue", "F001")) == 2
    definition = coder.form.published.loaded
    entry = Entry.objects.select_related("subject").get(pk=first.pk)
    held = codes.for_records([entry], definition)[entry.pk]["term"]
    assert (held.code, held.label, held.path) == ("F001", "Fièvre bleue", (("G1", "Troubles généraux"),))
    shown = present(coder.world.user["member"], coder.subject, coder.form, first.sheet, first)["codes"]
    assert shown["term"]["code"] == "F001"
    changed = coder.event("fièvre verte", base=1)
    assert codes.of_entries([changed], definition)[changed.pk] == {}
    assert len(coder.group("fièvre verte").waiting) == 1
    with pytest.raises(Invalid):
        coder.code("fièvre verte", "T004")


def test_what_is_sure_is_coded_by_itself(coder: Coder) -> None:
    """The very words of one term, and what the study coded before; nothing else."""
    for number, text in enumerate(("Toux sèche", "ça brûle", "toux bizarre"), 1):
        coder.event(text, number)
    coder.code("ça brûle", "F002")
    coder.event("Ça brûle !", 4)
    assert coding.code_by_itself(coder.world.user["owner"], coder.form) >= 2
    how = {one.how for one in Coded.objects.filter(ended_at=None)}
    assert how >= {Coded.How.EXACT, Coded.How.BEFORE}
    assert len(coder.group("toux bizarre").waiting) == 1


def test_suggestions_come_from_before_from_the_same_words_and_from_near_ones(coder: Coder) -> None:
    """A misspelt text, a synonym and a code find their term."""
    found = dictionaries.search
    assert found(coder.dictionary, "fievre bleu")[0].code == "F001"
    assert found(coder.dictionary, "chaleur bleue")[0].code == "F001"
    assert found(coder.dictionary, "t003")[0].code == "T003"
    assert all(term.code != "T004" for term in found(coder.dictionary, "toux ancienne")), "no longer given"
    coder.event("il tousse")
    coder.code("il tousse", "T003")
    first = coding.suggestions(coder.world.project, coder.dictionary, "Il tousse")[0]
    assert (first.term.code, first.why) == ("T003", "before")


def test_a_second_person_approves(coder: Coder) -> None:
    """Where the study asks for it a code counts once somebody else has approved it."""
    owner = coder.world.user["owner"]
    services.set_coding_rules(owner, coder.world.project, approval=True)
    entry = coder.event("fièvre bleue")
    coder.code("fièvre bleue", "F001")
    group = coder.group("fièvre bleue")
    entry = Entry.objects.select_related("subject").get(pk=entry.pk)
    assert codes.for_records([entry], coder.form.published.loaded) == {entry.pk: {}}
    with pytest.raises(Conflict):
        coding.approve_codes(owner, coder.form, group.dictionary, group.digest)
    with pytest.raises(Refused):
        coding.approve_codes(coder.world.user["member"], coder.form, group.dictionary, group.digest)
    granted(coder.world, coder.world.user["monitor"], "ecrf.code_records")
    assert coding.approve_codes(coder.world.user["monitor"], coder.form, group.dictionary, group.digest) == 1
    assert codes.for_records([entry], coder.form.published.loaded)[entry.pk]["term"].code == "F001"


def test_unclear_texts_are_asked_about_or_called_not_codable(coder: Coder) -> None:
    """A query goes to the site at each place; not codable needs a reason; a code that is taken back waits again."""
    owner = coder.world.user["owner"]
    coder.event("???? flou")
    group = coder.group("???? flou")
    at = (owner, coder.form, group.dictionary, group.digest)
    assert coding.ask_about(*at, "Que veut dire ce mot ?") == 1
    assert Query.objects.get().item == "term"
    with pytest.raises(Invalid):
        coding.call_not_codable(*at, "")
    coding.call_not_codable(*at, "Illisible")
    assert coder.group("???? flou").waiting == []
    assert coding.withdraw_codes(*at) == 1
    assert len(coder.group("???? flou").waiting) == 1


def test_another_version_says_what_it_changes(coder: Coder) -> None:
    """Codes in use that went, moved or are called otherwise are listed; those that stay are brought over."""
    for number, (text, code) in enumerate((("a", "F001"), ("b", "F002"), ("c", "T003")), 1):
        coder.event(text, number)
        coder.code(text, code)
    after = coder.load(NEXT, "2")
    found = dictionaries.changes(coder.world.project, coder.dictionary, after)
    assert {one.code: (one.change, one.uses) for one in found} == {
        "F001": ("moved", 1),
        "F002": ("gone", 1),
        "T003": ("renamed", 1),
    }
    again = coder.load(TERMS, "3")
    assert coding.carry_over(coder.world.user["owner"], coder.world.project, coder.dictionary, again) == 3
    assert set(Coded.objects.filter(ended_at=None).values_list("dictionary__version", flat=True)) == {"3"}


def test_codes_leave_with_the_dataset(coder: Coder) -> None:
    """An export has a column with the code and one with the term, null where the text isn't coded."""
    coder.event("fièvre bleue")
    coder.event("autre", 2)
    coder.code("fièvre bleue", "F001")
    _version, table = exported(Study(coder.world, coder.form, coder.subject, coder.subject))
    found = {(row["term__code"], row["term__term"]) for row in table.to_pylist()}
    assert found == {("F001", "Fièvre bleue"), (None, None)}


def test_rows_are_coded_one_by_one() -> None:
    """A text in rows has a place for each row."""
    data = deepcopy(TRIAL)
    data["pages"][1]["groups"][1]["items"][0]["coding"] = {"dictionary": "drugs"}
    found = list(texts(engine.load(data), {"drug": [{"name": "un"}, {"dose": "1"}, {"name": "deux"}]}))
    assert found == [("name", "drug[0]", "un"), ("name", "drug[2]", "deux")]


def test_the_work_in_the_browser(coder: Coder, client_of: Any) -> None:
    """Texts are listed with suggestions, coded and taken back; dictionaries are loaded and their faults named."""
    browser, slug = client_of("owner"), coder.world.project.slug
    coder.event("fievre bleu")
    address = reverse("ecrf:coding", args=[slug])
    line = browser.get(address).context["lines"][0]
    assert line["suggestions"][0].term.code == "F001"
    act = reverse("ecrf:code_act", args=[slug, coder.form.key])
    sent = {"dictionary": "signs", "digest": line["group"].digest}
    browser.post(act, {**sent, "code": "F001"})
    assert browser.get(address).context["lines"] == []
    assert browser.get(address, {"show": "done"}).context["lines"][0]["group"].coded.code == "F001"
    browser.post(act, {**sent, "act": "withdraw"})
    assert len(browser.get(address).context["lines"]) == 1
    listing = reverse("ecrf:dictionaries", args=[slug])
    named = {"load": "1", "kind": "csv", "title": "Signes", "key": "signs", "version": "2"}
    bad = browser.post(listing, {**named, "file": io.BytesIO(b"code\nx\n")})
    assert bad.status_code == 422
    file = io.BytesIO(NEXT.encode())
    file.name = "next.csv"
    assert browser.post(listing, {**named, "file": file}).status_code == 302
    last = Dictionary.objects.latest("number")
    assert browser.get(reverse("ecrf:dictionary", args=[slug, last.pk]), {"q": "toux"}).status_code == 200
    assert client_of("member").get(listing).status_code == 403
    assert client_of("member").post(act, {**sent, "code": "F001"}).status_code == 403


def test_over_rest(coder: Coder, client_of: Any) -> None:
    """The same over the API."""
    browser = client_of("owner")
    coder.event("toux")
    form = str(coder.form.pk)
    found = browser.get(reverse(f"{API}code-texts"), {"form": form}).json()
    assert [one["text"] for one in found] == ["toux"]
    near = browser.get(reverse(f"{API}dictionary-search", args=[coder.dictionary.pk]), {"q": "toux"}).json()
    assert near[0]["code"] == "T003"
    sent = {"form": form, "dictionary": "signs", "digest": found[0]["digest"], "code": "T003"}
    done = browser.post(reverse(f"{API}code-list"), json.dumps(sent), "application/json")
    assert done.json() == {"count": 1}
    listed = browser.get(reverse(f"{API}code-list")).json()["results"]
    assert [(one["item"], one["code"]) for one in listed] == [("term", "T003")]
    assert client_of("other_site").get(reverse(f"{API}code-list")).json()["results"] == []
