"""Quality rules on records: kept in versions, run on one and on all, put aside, turned into queries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core import access, jobs
from core.audit.models import Event
from core.errors import Invalid
from core.jobs.models import Job
from ecrf import services
from ecrf.models import (
    Entry,
    QualityExclusion,
    QualityResult,
    QualityRule,
    QualityRuleVersion,
    QualityRun,
    Query,
)
from ecrf.services.entries import context_of
from ecrf.services.quality_rules import remarks_of
from tests.ecrf.conftest import Study

SAID = {"name": "Poids", "text": "[weight] > 120", "message": "Poids à vérifier"}


def rule(study: Study, **more: Any) -> QualityRule:
    return services.save_rule(study.world.user["owner"], study.form, **{**SAID, **more})


def save(study: Study, base: int = 0, **values: str) -> Entry:
    return services.save_entry(study.world.user["member"], study.subject, study.form, base, values).entry


def run(study: Study, who: str = "owner", **more: Any) -> QualityRun:
    made = services.start_run(study.world.user[who], study.form, **more)
    jobs.run_waiting()
    assert Job.objects.get(pk=made.job).state == "done"
    return QualityRun.objects.select_related("form__project").get(pk=made.pk)


def results(made: QualityRun, rule_: str) -> list[tuple[str, str, bool]]:
    rows = QualityResult.objects.filter(run=made, rule=rule_)
    return list(rows.values_list("entry__subject__number", "item", "aside"))


def test_a_rule_keeps_its_versions(study: Study) -> None:
    """A changed rule says something else from now on; what it said is kept, and PostgreSQL refuses to change it."""
    made = rule(study)
    services.save_rule(study.world.user["owner"], study.form, **{**SAID, "text": "[weight] > 150"}, rule=made)
    assert [(one.number, one.text) for one in made.versions.all()] == [(2, "[weight] > 150"), (1, "[weight] > 120")]
    for statement in ("UPDATE ecrf_qualityruleversion SET text = ''", "DELETE FROM ecrf_qualityruleversion"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_wrong_rule_is_refused_whole(study: Study) -> None:
    """Every fault of a rule is named at its place, and nothing is kept; two rules don't have one name."""
    with pytest.raises(Invalid) as refused:
        services.save_rule(study.world.user["owner"], study.form, name=" ", text="[nobody] > 1", message="")
    assert [fault.place for fault in refused.value.faults] == ["name", "message", "text"]
    rule(study)
    with pytest.raises(Invalid):
        rule(study)
    assert QualityRule.objects.count() == QualityRuleVersion.objects.count() == 1


@pytest.mark.parametrize("who", ["monitor", "member", "stranger"])
def test_who_designs_writes_rules(study: Study, who: str) -> None:
    """Only who designs forms writes or retires rules."""
    made = rule(study)
    with pytest.raises(access.Refused):
        services.save_rule(study.world.user[who], study.form, **{**SAID, "name": "Autre"})
    with pytest.raises(access.Refused):
        services.retire_rule(study.world.user[who], made)


def test_all_rules_on_all_records(study: Study) -> None:
    """A run examines each record, counts by rule and keeps where, without any value; it is in the journal."""
    made = rule(study)
    save(study, weight="300", sex="1")
    services.save_entry(study.world.user["other_site"], study.elsewhere, study.form, 0, {"weight": "70"})
    done = run(study)
    assert done.entries == 2
    assert results(done, "D") == [("BRO-001", "weight", False)]
    assert results(done, str(made.pk)) == [("BRO-001", "weight", False)]
    assert ("KER-001", "sex", False) in results(done, "B")
    assert done.counts["D"] == 1
    assert "300" not in json.dumps(list(QualityResult.objects.values_list("params", "code")))
    asked, finished = Event.objects.filter(action__startswith="ecrf.quality_run").order_by("pk")
    assert (asked.action, finished.action) == ("ecrf.quality_run_asked", "ecrf.quality_run_done")


def test_outliers_over_all_records(study: Study) -> None:
    """A number far from those of the other records is found by a run, and afterwards on its record at once."""
    world = study.world
    for number in range(12):
        subject = services.include_subject(world.user["member"], world.site_a)
        services.save_entry(world.user["member"], subject, study.form, 0, {"height": str(160 + number)})
    save(study, height="219")
    done = run(study, rules=["E"])
    assert results(done, "E") == [("BRO-001", "height", False)]
    found = services.check_record(world.user["owner"], Entry.objects.get(subject=study.subject))
    assert [(one.found.rule, one.found.item) for one in found if one.found.rule == "E"] == [("E", "height")]


def test_who_runs_rules(study: Study) -> None:
    """Monitors and managers run rules on all records; who enters data at one site does not."""
    for who in ("member", "researcher", "other_site", "stranger"):
        with pytest.raises(access.Refused):
            services.start_run(study.world.user[who], study.form)
    assert run(study, "monitor").entries == 0


def test_one_record_at_once(study: Study) -> None:
    """Who sees a record may have it checked now; who doesn't may not."""
    made = rule(study)
    entry = save(study, weight="130", sex="1")
    found = services.check_record(study.world.user["member"], entry)
    assert (str(made.pk), "weight") in [(one.found.rule, one.found.item) for one in found]
    with pytest.raises(access.Refused):
        services.check_record(study.world.user["other_site"], entry)


def test_no_issue_as_long_as_the_value_is_the_same(study: Study) -> None:
    """A finding that was put aside, with a reason, stays aside until the value is another one."""
    monitor = study.world.user["monitor"]
    entry = save(study, weight="300", sex="1")
    with pytest.raises(Invalid):
        services.put_aside(monitor, entry, "D", "weight", "", " ")
    with pytest.raises(access.Refused):
        services.put_aside(study.world.user["member"], entry, "D", "weight", "", "Vu")
    services.put_aside(monitor, entry, "D", "weight", "", "Vérifié au dossier")
    done = run(study)
    assert (results(done, "D"), done.counts.get("D", 0), done.aside["D"]) == ([("BRO-001", "weight", True)], 0, 1)
    save(study, 1, weight="310")
    assert results(run(study), "D") == [("BRO-001", "weight", False)]


def test_taking_back_what_was_put_aside(study: Study) -> None:
    """What was put aside may be a finding again; both acts are in the journal."""
    monitor = study.world.user["monitor"]
    entry = save(study, weight="300")
    services.put_aside(monitor, entry, "D", "weight", "", "Vu")
    services.take_back(monitor, QualityExclusion.objects.select_related("entry__subject", "entry__form").get())
    assert results(run(study), "D") == [("BRO-001", "weight", False)]
    assert Event.objects.filter(action__in=["ecrf.finding_put_aside", "ecrf.finding_taken_back"]).count() == 2


def test_a_query_for_each_finding(study: Study) -> None:
    """Findings become queries in the words of their rule; one that has a query, or was put aside, gets none."""
    made = rule(study)
    save(study, weight="130", sex="1")
    done = run(study)
    rows = QualityResult.objects.filter(run=done, rule=str(made.pk)).select_related("entry__subject", "entry__version")
    assert services.query_results(study.world.user["monitor"], done, rows) == (1, 0)
    assert services.query_results(study.world.user["monitor"], done, rows) == (0, 1)
    query = Query.objects.select_related("entry__subject").get()
    assert (query.kind, query.item, query.messages.get().text) == ("rule", "weight", "Poids à vérifier")


def test_a_rule_that_asks_at_each_save(study: Study) -> None:
    """A rule that opens queries does so at a save that breaks it, and closes its query at one that doesn't."""
    rule(study, severity="query")
    save(study, weight="130")
    assert list(Query.objects.values_list("kind", "state")) == [("rule", "open")]
    save(study, 1, weight="100")
    assert list(Query.objects.values_list("kind", "state")) == [("rule", "closed")]


def test_a_rule_that_warns_at_each_save(study: Study) -> None:
    """A rule that is run at each save says so to who fills in the record, and opens no query."""
    rule(study, at_save=True)
    entry = save(study, weight="130")
    remarks = remarks_of(entry, context_of(entry.subject))
    assert [(one["key"], one["message"]) for one in remarks] == [("weight", "Poids à vérifier")]
    assert not Query.objects.exists()


def test_a_retired_rule_is_run_no_more(study: Study) -> None:
    """What a retired rule found stays, and it finds nothing more; its name is free again."""
    made = rule(study, severity="query")
    save(study, weight="130")
    services.retire_rule(study.world.user["owner"], made)
    assert str(made.pk) not in run(study).rules
    assert rule(study).pk != made.pk
