"""Script pages at a save: what the script says counts, and what it was told is kept."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.urls import reverse

from core.access.demo import World
from core.audit.models import Event
from core.errors import Invalid
from core.notices.models import Notice
from ecrf import engine, services
from ecrf.models import Draft, Entry, Form, Fragment, ScriptDraw, ScriptVariable, Subject
from ecrf.services.scripted import ScriptFailed
from tests.ecrf.conftest import Study

MAIN = """
app.annotate = true
app.form("study", "Étude", () => {
  app.form("incl", "Inclusion")
  app.form("follow", "Suivi", { enabled: thread => thread.data.incl.ok == 1 })
})
"""
INCL = """
form.date("*d0", "Consentement", { value: LocalDate.today(), max: LocalDate.today() })
form.number("sbp", "Systolique", { min: 60, max: 260, suffix: "mmHg" })
form.number("dbp", "Diastolique")
if (values.sbp != null && values.dbp > values.sbp)
  form.error("dbp", "Diastolique au-dessus de la systolique", { delay: true })
form.calc("map", "Moyenne", values.dbp + (values.sbp - values.dbp) / 3)
form.binary("ok", "D’accord ?")
if (values.ok == 1) {
  form.enumRadio("*arm", "Bras", [[1, "Un"], [2, "Deux"]], { value: meta.randomize("arm/" + (values.sbp > 140), 2) })
  form.calc("rank", "Rang", meta.count("rank"))
}
for (let i = 0; i < (values.n ?? 0); i++) form.text("child_" + i, "Enfant " + (i + 1))
form.number("n", "Enfants")
form.repeat("drugs", (row, i) => { form.text("*drug", "Médicament"); form.number("dose", "Dose") })
values.hidden = values.sbp * 2
meta.summary = "Inclus"
"""
FOLLOW = """
form.output(html`<p>Tension de départ : ${thread.data.incl.map}</p><script>alert(1)</script>`)
form.calc("days", "Jours", LocalDate.today().diff(thread.data.incl.d0))
form.text("note", "Note " + meta.count("unused", true))
"""


def zipped(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def published(world: World, **pages: str) -> Form:
    """A Goupile project as it comes in by the import, published."""
    owner = world.user["owner"]
    files = {"main.js": MAIN, "pages/incl.js": INCL, "pages/follow.js": FOLLOW}
    files |= {f"pages/{name}.js": text for name, text in pages.items()}
    draft = services.read_form(owner, world.project, zipped(files), title="Étude", source="etude.zip", kind="goupile")
    return services.publish_draft(owner, Draft.objects.get(pk=draft.pk)).form


@pytest.fixture
def study(world: World) -> Study:
    form = published(world)
    here = services.include_subject(world.user["member"], world.site_a)
    return Study(world, form, here, services.include_subject(world.user["other_site"], world.site_b))


def save(study: Study, base: int, values: dict[str, Any], subject: Subject | None = None, **more: Any) -> Entry:
    form = Form.objects.select_related("current", "project").get(pk=study.form.pk)
    who = "other_site" if subject == study.elsewhere else "member"
    saved = services.save_entry(study.world.user[who], subject or study.subject, form, base, values, **more)
    return Entry.objects.select_related("subject__project").get(pk=saved.entry.pk)


def codes(refused: Any) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in refused.value.faults]


def test_the_word_of_the_script(study: Study) -> None:
    """Defaults, calculations and errors are the script's, whatever the browser says; what it sets aside is kept too."""
    entry = save(study, 0, {"sbp": "120", "dbp": "80"})
    assert entry.values["map"] == "93.33333333333333"
    assert entry.values["d0"] is not None
    assert entry.pages["incl"]["answered"] == 3
    assert entry.values["hidden"] == "240"
    with pytest.raises(Invalid) as refused:
        save(study, 1, {"map": "1"})
    assert codes(refused) == [("map", "readonly")]
    with pytest.raises(Invalid) as refused:
        save(study, 1, {"sbp": "300"})
    assert codes(refused) == [("sbp", "check_failed")]
    with pytest.raises(Invalid) as refused:
        save(study, 1, {"dbp": "130"})
    assert "au-dessus" in str(refused.value.faults[0].message)
    entry = save(study, 1, {"dbp": "130"}, notes={"dbp": {"status": "check"}})
    assert entry.values["dbp"] == "130"
    assert save(study, 2, {"d0": None}, draft=True).values["d0"] is None, "what was emptied stays so"


def test_what_is_missing_keeps_from_completing(study: Study) -> None:
    """A mandatory question keeps the page from being complete, unless a status says why; then it is."""
    save(study, 0, {"d0": None, "sbp": "120"})
    with pytest.raises(Invalid) as refused:
        save(study, 1, {}, complete={"incl": True})
    assert codes(refused) == [("d0", "required")]
    entry = save(study, 1, {}, notes={"d0": {"status": "nd"}}, complete={"incl": True})
    assert entry.pages["incl"]["complete"]


def test_numbers_are_drawn_once(study: Study) -> None:
    """Counters and groups are drawn at a save that succeeds, once for a subject, and a second run is told the same."""
    with pytest.raises(Invalid):
        save(study, 0, {"ok": "1", "sbp": "300"})
    assert not ScriptDraw.objects.exists()
    entry = save(study, 0, {"ok": "1", "sbp": "120"})
    assert entry.values["rank"] == "1"
    assert entry.values["arm"] in ("1", "2")
    again = save(study, 1, {"sbp": "121"})
    assert (again.values["rank"], again.values["arm"]) == ("1", entry.values["arm"])
    told = Fragment.objects.get(entry=entry, number=1).scripts["incl"]
    assert told["counters"] == {"arm/false": int(entry.values["arm"]), "rank": 1}
    next_one = services.include_subject(study.world.user["member"], study.world.site_a)
    other = save(study, 0, {"ok": "1", "sbp": "120"}, next_one)
    assert other.values["rank"] == "2"
    assert {entry.values["arm"], other.values["arm"]} == {"1", "2"}, "a block of two holds both"
    elsewhere = save(study, 0, {"ok": "1", "sbp": "120"}, study.elsewhere)
    assert elsewhere.values["rank"] == "1", "each site counts for itself"


def test_pages_open_one_another(study: Study) -> None:
    """A page that main.js opens by what another holds is asked then, and reads it."""
    entry = save(study, 0, {"sbp": "120", "dbp": "80", "d0": "2026-01-01"})
    entry = save(study, 1, {"ok": "1"})
    entry = save(study, 2, {"note": "bien"})
    assert int(entry.values["days"]) > 0
    assert entry.pages["follow"]["shown"] == 1
    assert ScriptDraw.objects.get(key="unused").secret


def test_names_that_only_a_run_knows(study: Study) -> None:
    """What a script asks in a loop becomes a question of the form: shown, exported, in the history."""
    entry = save(study, 0, {"n": "2"})
    entry = save(study, 1, {"child_1": "Ada", "incl/child_0": "Bea"})
    assert (entry.values["child_0"], entry.values["child_1"]) == ("Bea", "Ada")
    assert set(ScriptVariable.objects.values_list("key", flat=True)) == {"child_0", "child_1"}
    definition = Form.objects.get(pk=study.form.pk).published.loaded
    assert definition.items["child_0"].spec["label"] == {"fr": "Enfant 1"}
    with pytest.raises(Invalid) as refused:
        save(study, 2, {"incl/nobody": "x"})
    assert codes(refused) == [("incl/nobody", "unknown_variable")]
    with pytest.raises(Invalid):
        save(study, 2, {"nowhere/x": "x"})


def test_rows_of_a_script(study: Study) -> None:
    """Rows of form.repeat are rows of the form, each with its faults and its notes."""
    entry = save(study, 0, {"drugs": [{"drugs_drug": "a", "drugs_dose": "1"}, {"drugs_dose": "2"}]})
    assert entry.values["drugs"] == [{"drugs_drug": "a", "drugs_dose": "1"}, {"drugs_dose": "2"}]
    with pytest.raises(Invalid) as refused:
        save(study, 1, {"drugs": [{"child": "x"}]})
    assert codes(refused) == [("drugs[0].child", "unknown_variable")]
    with pytest.raises(Invalid) as refused:
        save(study, 1, {}, complete={"incl": True})
    assert codes(refused) == [("drugs[1].drugs_drug", "required")]
    entry = save(study, 1, {}, notes={"drugs[1].drugs_drug": {"status": "nd"}}, complete={"incl": True})
    assert entry.pages["incl"]["complete"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("if (values.sbp > 100) for (;;) {}", "time"),
        ("const a = []; if (values.sbp > 100) for (;;) a.push(new Array(1e5).fill(1))", "memory"),
        ("if (values.sbp > 100) null.x", "exception"),
    ],
)
def test_a_script_that_is_stopped(study: Study, code: str, kind: str) -> None:
    """Nothing is saved and nothing lost; who types and who designs are told, and the next page is saved."""
    study.form = draft_of(study, code)
    save(study, 0, {"sbp": "90"})
    with pytest.raises(ScriptFailed) as refused:
        save(study, 1, {"sbp": "110"})
    assert codes(refused) == [("incl", f"script_{kind}")]
    assert "Inclusion" in str(refused.value.faults[0].message)
    assert Entry.objects.get(subject=study.subject).values["sbp"] == "90"
    assert Event.objects.filter(action="ecrf.script_failed").count() == 1
    assert Notice.objects.filter(kind="ecrf.script_failed", user=study.world.user["owner"]).count() == 1
    assert save(study, 1, {"sbp": "95"}).values["sbp"] == "95"


def draft_of(study: Study, more: str) -> Form:
    """The next version of the form, with more lines in its first page."""
    owner = study.world.user["owner"]
    files = {"main.js": MAIN, "pages/incl.js": INCL + more, "pages/follow.js": FOLLOW}
    asked = {"title": "", "source": "etude.zip", "kind": "goupile", "form": study.form}
    draft = services.read_form(owner, study.world.project, zipped(files), **asked)
    return services.publish_draft(owner, Draft.objects.get(pk=draft.pk)).form


def test_where_values_of_scripts_are_read(study: Study, client_of: Any, api_of: Any) -> None:
    """They stand on the page, in the history, and in what the API answers, without the script being run."""
    entry = save(study, 0, {"sbp": "120", "dbp": "80", "drugs": [{"drugs_drug": "aspirine"}]})
    place = ["etude-sepsis", study.subject.pk, study.form.key]
    page = client_of("member").get(reverse("ecrf:entry", args=place)).content.decode()
    assert "aspirine" in page
    history = client_of("member").get(reverse("ecrf:history", args=place)).content.decode()
    assert "Systolique" in history
    row = api_of("member").get(f"/api/v1/ecrf/entries/{entry.pk}/").json()
    assert row["values"]["map"] == "93.33333333333333"
    assert row["findings"] == []
    definition = study.form.published.loaded
    state = engine.evaluate(definition, entry.values, engine.Context(engine.moments.parse_datetime("2026-12-01T10:00")))
    assert {"sbp", "map", "drugs[0].drugs_drug"} <= state.visible
