"""`suite-backup agent status`: who this agent is, and what it knows of what is to be done."""

from __future__ import annotations

import argparse
from contextlib import closing

from backup.cli import agents, shown
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.agent import holding, orders
from backup.engine.agent.place import Keyless
from backup.engine.agent.portal import Away, Removed
from backup.engine.format import cipher


def configure(_parser: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def run(session: Session, _options: argparse.Namespace) -> int:
    found = agents.place(session)
    identity = agents.identity(found)
    try:
        held = found.key()
        key, master = held.key_id.hex(), holding.mark(held.master)
    except Keyless:
        key = master = ""
    with closing(agents.portal(found, identity)) as portal:
        try:
            state = portal.state()
            there = _("there")
        except Away:
            state, there = found.read("orders"), _("away")
        except Removed:
            state, there = None, _("it knows this agent no more")
    known = orders.read(state) if state else None
    mark = holding.mark(cipher.public_half(found.private()))
    plans = [
        {"plan": plan.name, "source": plan.source, "due": shown.stamp(int(plan.turns[0] * shown.SECOND))}
        for plan in (known.plans if known else ())
    ]
    session.output.tell(
        {"type": "summary", "agent": identity.id, "name": identity.name, "duty": identity.duty, "mark": mark,
         "key": key, "master": master, "portal": identity.portal, "repository": identity.url, "there": bool(state),
         "plans": plans}
    )  # fmt: skip
    if not session.output.is_json:
        rows = [
            (_("Name"), identity.name),
            (_("Duty"), identity.duty),
            (_("Portal"), f"{identity.portal} ({there})"),
            (_("Repository"), identity.url),
            (_("Mark of this machine"), mark),
            (_("Key"), key or _("none yet")),
            (_("Mark of the master key"), master or _("none yet")),
        ]
        rows += [
            (_("Plan"), f"{plan.name}: {shown.moment(int(plan.turns[0] * shown.SECOND))}")
            for plan in (known.plans if known else ())
        ]
        session.output.table(("", ""), rows)
    return Exit.DONE
