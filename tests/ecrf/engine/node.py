"""Run the browser's evaluator in node, once for many cases."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("evaluate.mjs")


def run(request: dict[str, Any]) -> Any:
    """Send cases to the script and read its answers. The machine must have node, as the README says."""
    node = shutil.which("node")
    assert node, "node is missing: install Node 20 or newer"
    done = subprocess.run(
        [node, "--disable-warning=ExperimentalWarning", str(SCRIPT)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
