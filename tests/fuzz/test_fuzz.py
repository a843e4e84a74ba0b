"""The whole API of a running suite, by schemathesis: as a person in his session, and as a program with a token."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.embedded.folder import ROOT
from tests.e2e.suite import Suite

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
)
"""Not among them: a rule between values refuses what is well formed; and JSON's 1 and "1" are both taken for a text."""
WAYS_IN = """
from datetime import timedelta
from django.conf import settings
from django.test import Client
from django.utils import timezone
from core import access
from core.access.models import Project
from core.accounts.models import User
from core.api.services import create_token
owner, project = User.objects.get(email="owner@demo.example"), Project.objects.get(slug="etude-sepsis")
until = timezone.now() + timedelta(days=1)
print(create_token(owner, project, "fuzz", access.abilities(owner, project), until)[1])
client = Client(headers={"host": "localhost"})
client.force_login(owner)
client.get("/accounts/login/")
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Suite, str, str]]:
    suite = Suite(tmp_path_factory.mktemp("fuzz"))
    suite.environ |= dict.fromkeys(("RATE_TOKEN", "RATE_PERSON", "RATE_ADDRESS"), "0")  # 429 would hide other answers
    started = suite.manage("up")
    assert started.returncode == 0, started.stderr
    made = suite.manage("shell", "--no-imports", "--command", WAYS_IN)
    token, session = made.stdout.split()
    yield suite, token, session
    suite.close()


@pytest.mark.parametrize("way", ["token", "session"])
def test_every_promise_is_kept(running: tuple[Suite, str, str], way: str, tmp_path: Path) -> None:
    """No error of ours, and every answer of the status, type, headers and shape that the document says."""
    suite, token, session = running
    csrf = "a" * 32
    also = ["ignored_auth"] if way == "token" else []  # beside a session, any other way in is of no account
    headers = {
        "token": [f"Authorization: Bearer {token}"],
        "session": [f"Cookie: sessionid={session}; csrftoken={csrf}", f"X-CSRFToken: {csrf}"],
    }[way]
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{suite.url}/api/v1/schema/"),
        *(word for header in headers for word in ("--header", header)),
        *("--checks", ",".join([*CHECKS, *also]), "--max-examples", os.environ.get("FUZZ", "50"), "--seed", "1"),
        *("--continue-on-failure", "--generation-database", "none", "--no-color"),
    ]
    environ = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)}
    assert subprocess.run(command, cwd=tmp_path, env=environ).returncode == 0
