"""What a repository says for the plans of its agents: they follow it, unless they say otherwise themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backup.api.protocol_forms import DueSerializer
from backup.engine.agent import options as table
from backup.models import Agent, Plan, Repository, Run
from backup.queries.agents import to_do
from backup.queries.plans import every_plan
from backup.services import plans
from backup.services.agents import make_agent
from backup.services.defaults import set_defaults
from backup.services.options import Orders
from core import access
from core.errors import Invalid
from tests.backup.portal import Kept, told
from tests.backup.test_api import ApiOf
from tests.backup.test_pages import ClientOf, url

KEEPING = {"keep_daily": "14"}


def say(kept: Kept, who: str = "owner", excludes: tuple[str, ...] = (), **options: Any) -> Repository:
    row = Repository.objects.get(pk=kept.repository.pk)
    return set_defaults(kept.world.user[who], row, options=options, excludes=excludes)


def plan_of(kept: Kept, duty: str, excludes: tuple[str, ...] = (), **options: Any) -> Plan:
    """A plan of a new agent, with what it says of its own."""
    owner, project = kept.world.user["owner"], kept.world.project
    repository = Repository.objects.get(pk=kept.repository.pk)
    agent = make_agent(owner, project, name=f"a-{Agent.objects.count()}", duty=duty, repository=repository).agent
    saves = {"source": "data", "paths": ["/srv"], "excludes": excludes} if duty == "save" else {}
    return plans.create_plan(
        owner,
        project,
        name=f"plan {agent.name}",
        repository=repository,
        every="daily 03:00",
        agent=agent,
        orders=Orders(**saves, options=options),  # type: ignore[arg-type]
    )


def again(plan: Plan) -> Plan:
    return Plan.objects.select_related("repository", "agent").get(pk=plan.pk)


def test_plans_follow_it(kept: Kept) -> None:
    """A plan keeps only what it says otherwise; all else follows the repository, and last what is usual."""
    say(kept, limit_upload="1M", exclude_caches=True, excludes=("*.tmp",))
    plan = plan_of(kept, "save", excludes=("*.log", "*.tmp"), limit_upload="5M", retries=2)
    assert plan.options == {"limit_upload": "5M"}
    say(kept, limit_upload="2M", workers=3, excludes=("*.tmp", "/proc"))
    settled = again(plan).settled
    assert {name: settled[name] for name in ("limit_upload", "exclude_caches", "workers", "retries")} == {
        "limit_upload": "5M",
        "exclude_caches": False,
        "workers": 3,
        "retries": 2,
    }
    assert set(settled) == {option.name for option in table.of("save")}
    assert again(plan).left_out == ["*.tmp", "/proc", "*.log"]


def test_the_agent_is_told(kept: Kept) -> None:
    """What it gets is settled: nothing is left for it to look up."""
    say(kept, limit_upload="1M", excludes=("*.tmp",))
    plan = plan_of(kept, "save")
    assert plan.agent is not None
    [one] = to_do(plan.agent)
    told_ = DueSerializer(one).data
    assert (told_["options"]["limit_upload"], told_["excludes"]) == ("1M", ["*.tmp"])


def test_looked_at_together(kept: Kept) -> None:
    """How plans stand is seen in as many queries for many as for few."""
    counts = []
    now = timezone.now()
    for _ in range(3):
        plan = plan_of(kept, "save")
        Run.objects.create(
            plan=plan, agent=plan.agent, project=plan.project, state=Run.State.FAILED, started_at=now, ended_at=now
        )
        with CaptureQueriesContext(connection) as asked:
            assert every_plan(timezone.now())
        counts.append(len(asked))
    assert counts == counts[:1] * 3


def test_what_is_to_be_kept(kept: Kept) -> None:
    """A plan may live by what the repository keeps; then that can't be taken from under it."""
    with pytest.raises(Invalid, match="keep_last"):
        plan_of(kept, "keep")
    say(kept, **KEEPING)
    plan = plan_of(kept, "keep")
    assert (plan.options, plan.settled["keep_daily"]) == ({}, "14")
    with pytest.raises(Invalid, match="keep_last"):
        say(kept)
    assert again(plan).settled["keep_daily"] == "14"
    own = plan_of(kept, "keep", keep_daily="", keep_weekly="5")
    assert again(own).settled["keep_daily"] == ""
    plans.end_plan(kept.world.user["owner"], plan)
    say(kept)
    assert again(own).settled["keep_weekly"] == "5"


def test_what_is_refused(kept: Kept) -> None:
    """Unknown words, wrong values and patterns, each at its place; who doesn't manage."""
    with pytest.raises(Invalid) as refused:
        say(kept, colour="red", limit_upload="fast", grace_days=0, excludes=("", "[z-a]"))
    assert {fault.place for fault in refused.value.faults} >= {
        "options.colour",
        "options.limit_upload",
        "options.grace_days",
    }
    for who in ("administrator", "monitor", "stranger"):
        with pytest.raises(access.Refused):
            say(kept, who, workers=1)
    assert told("backup.defaults_set") == []


def test_it_is_recorded_once(kept: Kept) -> None:
    """The names of what was set are in the journal; said again, nothing is."""
    for _twice in range(2):
        say(kept, workers=2, retries=2, excludes=("*.tmp",))
    assert told("backup.defaults_set") == [{"options": ["workers"], "excludes": 1}]


def test_over_rest(kept: Kept, api_of: ApiOf) -> None:
    """PUT replaces all of it; it is shown with the repository, and settled with each plan."""
    plan = plan_of(kept, "save")
    address = f"/api/v1/backup/repositories/{kept.repository.pk}/"
    api = api_of("owner")
    wanted = {"options": {"workers": 2, "windows": ["mon-fri 08:00-18:00=500k"]}, "excludes": ["*.tmp"]}
    answer = api.put(f"{address}defaults/", wanted, format="json")
    assert (answer.status_code, answer.data["plan_excludes"]) == (200, ["*.tmp"])
    assert api.get(address).data["plan_options"] == wanted["options"]
    assert api.get(f"/api/v1/backup/plans/{plan.pk}/").data["options"]["workers"] == 2
    assert api.put(f"{address}defaults/", {}, format="json").data["plan_options"] == {}
    for wrong in ({"options": {"colour": 1}}, {"options": {"workers": 1000}}, {"excludes": "x"}):
        assert api.put(f"{address}defaults/", wrong, format="json").status_code == 422
    assert api_of("monitor").put(f"{address}defaults/", {}, format="json").status_code == 403
    assert api_of("stranger").put(f"{address}defaults/", {}, format="json").status_code == 404


def test_in_the_browser(kept: Kept, client_of: ClientOf) -> None:
    """The form shows what holds and takes what is changed; the form of a plan begins with it and says so."""
    client, address = client_of("owner"), url(kept, "repository-defaults", kept.repository.pk)
    page = client.get(address)
    assert page.status_code == 200
    fields = {name: value for name, value in page.context["form"].initial.items() if value not in (None, False)}
    posted = {name: "\n".join(value) if isinstance(value, list) else value for name, value in fields.items()}
    posted["group_by"] = "source, host"
    assert client.post(address, posted | {"workers": "4", "excludes": "*.tmp\n/proc"}).status_code == 303
    row = Repository.objects.get(pk=kept.repository.pk)
    assert (row.plan_options, row.plan_excludes) == ({"workers": 4}, ["*.tmp", "/proc"])
    refused = client.post(address, posted | {"limit_upload": "fast"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"limit_upload"})
    plan = plan_of(kept, "save")
    form = client.get(url(kept, "plan-change", plan.pk))
    assert form.context["form"].initial["workers"] == 4
    assert "<code>*.tmp</code>, <code>/proc</code>" in form.content.decode()
