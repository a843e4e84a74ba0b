"""The browser's engine gives what the server's gives: in node, and in Chromium under the suite's policy."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Browser

from core.web import assets
from core.web.middleware import StaticFiles
from ecrf.engine.goupile.parser import parser
from ecrf.engine.goupile.run import Runner, ScriptFault
from ecrf.engine.goupile.source import names, runtime
from tests.e2e.conftest import chromium  # noqa: F401 (a fixture)
from tests.ecrf.goupile.projects import REQUESTS, one_page, request

ROOT = Path(__file__).parents[3]


def in_node(requests: list[dict[str, Any]], **limits: int) -> list[dict[str, Any]]:
    node = shutil.which("node")
    assert node, "node is missing: install Node 20 or newer"
    done = subprocess.run(
        [node, "--disable-warning=ExperimentalWarning", str(Path(__file__).with_name("evaluate.mjs"))],
        input=json.dumps({"texts": {"runtime": runtime(), "parser": parser()}, "requests": requests, "limits": limits}),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return [one["answer"] for one in json.loads(done.stdout)]


def on_server(runner: Runner, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return runner.ask("parsing", asked)
    except ScriptFault as fault:
        return {
            "ok": False,
            "error": {"code": fault.code, "message": fault.message, "file": fault.file, "line": fault.line},
        }


def test_the_same_forms(runner: Runner) -> None:
    """Both engines give the same evaluated form for every page of the project, and the same faults with their lines."""
    wrong = ["\n\nlet b = ;", "\nnull.x", "form.section('S')", "throw 12", 'import { x } from "./none.js"']
    asked = [request(name) for name in REQUESTS] + [{"files": one_page(code).files, "page": "p"} for code in wrong]
    answers = in_node(asked, milliseconds=60_000)
    assert answers == [on_server(runner, one) for one in asked]
    assert [one["ok"] for one in answers] == [True] * len(REQUESTS) + [False] * len(wrong)


def test_limits_in_the_browser() -> None:
    """In the browser too a loop, a bomb and an endless recursion end with a code, and the next page runs."""
    codes = ["for (;;) {}", "await null; for (;;) {}", "const a = []; for (;;) a.push(new Array(1e5).fill(1))"]
    codes += ["function f() { return f() + 1 } f()", "await new Promise(() => {})", "form.text('a', '')"]
    answers = in_node([{"files": one_page(code).files, "page": "p"} for code in codes], milliseconds=1500)
    assert [one.get("error", {}).get("code") for one in answers] == ["time", "time", "memory", "stack", "waits", None]


def test_names_of_the_runtime() -> None:
    """The files of the runtime are one text on the server: no two of them name the same thing."""
    given = names()
    assert len(set(given)) == len(given) > 50


PAGE = b"""<!doctype html><title>Scripts</title><script type="module" src="/page.js"></script>"""
SCRIPT = """
import { Scripts } from "/run.js";
const scripts = new Scripts("ADDRESS", 60000);
const strict = new Scripts("ADDRESS", 1000);
window.run = (request) => scripts.run(request);
window.loop = (request) => strict.run(request);
window.both = (one, two) => Promise.all([scripts.run(one), scripts.run(one), scripts.run(two)]);
const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
window.compiles = () => {
  try {
    return !!new WebAssembly.Module(empty);
  } catch {
    return false;
  }
};
"""


@pytest.fixture
def site() -> Iterator[str]:
    """A site of one page, whose answers go through the suite's own static files and policy."""
    own = {
        "/": ("text/html", PAGE),
        "/page.js": (
            "text/javascript",
            SCRIPT.replace("ADDRESS", assets.address("ecrf-goupile-wasm-worker.js")).encode(),
        ),
        "/run.js": ("text/javascript", (ROOT / "ecrf/static_src/ecrf/goupile/run.js").read_bytes()),
    }

    def respond(asked: Any) -> HttpResponse:
        kind, content = own.get(asked.path, ("text/plain", b""))
        return HttpResponse(content, content_type=kind, status=200 if asked.path in own else 404)

    chain = CSPMiddleware(StaticFiles(respond))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            response = chain(RequestFactory().get(self.path))
            content = b"".join(response) if response.streaming else response.content
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                if name.lower() not in ("content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            response.close()

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.e2e
def test_in_chromium(chromium: Browser, site: str, runner: Runner) -> None:  # noqa: F811
    """Under the suite's policy the worker compiles its engine and the page may not; a loop is ended, the next runs."""
    page = chromium.new_page()
    page.goto(site)
    page.wait_for_function("window.run")
    for name in ("full widgets", "imports"):
        assert page.evaluate("request => window.run(request)", request(name)) == on_server(runner, request(name))
    assert page.evaluate("window.compiles()") is False
    looping = {"files": one_page("for (;;) {}").files, "page": "p"}
    assert page.evaluate("request => window.loop(request)", looping)["error"]["code"] == "time"
    answers = page.evaluate("([one, two]) => window.both(one, two)", [request("old"), request("diary")])
    assert [answer and answer["page"]["key"] for answer in answers] == ["old", None, "diary"]
    page.close()
