"""Page scripts run in a box of the core, from which nothing of the machine is seen."""

from __future__ import annotations

import subprocess

import pytest

from ecrf.engine.goupile.run import Limits, Runner, ScriptFault, run, shared
from ecrf.services import scripts
from tests.ecrf.goupile.projects import CONTEXT, FULL, PROJECT, one_page


@pytest.fixture
def boxed() -> Runner:
    return Runner(scripts.boxed, Limits(seconds=10), size=1)


def test_in_the_box(boxed: Runner) -> None:
    """The same page gives the same form inside a box, a loop ends there too, and the next page runs."""
    inside = run(PROJECT, "widgets", FULL, context=CONTEXT, runner=boxed)
    direct = Runner(limits=Limits(seconds=10), size=1)
    assert inside == run(PROJECT, "widgets", FULL, context=CONTEXT, runner=direct)
    with pytest.raises(ScriptFault) as refused:
        run(one_page("for (;;) {}"), "p", runner=boxed)
    assert refused.value.code == "time"
    assert run(one_page('form.text("a", "A")'), "p", runner=boxed)["ok"] is True
    boxed.close()
    direct.close()


def test_the_box_is_closed() -> None:
    """In the box there is neither the suite's code, nor its data, nor a network."""
    line = scripts.boxed([])
    look = (
        "import os, socket; print(sorted(os.listdir('/opt')), os.path.exists('/etc/passwd'), "
        "[name for _, name in socket.if_nameindex()])"
    )
    told = subprocess.run([*line[:-1], look], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "core" not in told
    assert "False ['lo']" in told


def test_the_suite_runs_scripts_in_boxes() -> None:
    """Whatever reads or runs a script in the suite, and names no runner, does so in a box."""
    assert shared() is scripts.runner()
