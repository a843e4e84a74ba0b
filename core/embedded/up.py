"""`manage.py up`: the whole suite on one machine, from an empty folder to a sign-in page."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Mapping, MutableMapping
from logging.handlers import RotatingFileHandler

from core.embedded import assets, instance, preparation, web
from core.embedded.children import Child, servers
from core.embedded.errors import CantStart
from core.embedded.folder import ROOT, Folder, locate
from core.embedded.supervisor import Supervisor

QUEUES = "default,heavy,backup"
LOCAL = ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104  (compared with, not listened on)
log = logging.getLogger("suite")


def serve(environ: MutableMapping[str, str], folder: Folder) -> None:
    """Be the instance of this folder: its servers, web, worker and scheduler, until a signal ends them."""
    host, port = environ.get("BIND", "127.0.0.1"), port_of(environ)
    announce = environ.pop("READY_FD", "")
    with instance.taken(folder, environ.setdefault("PUBLIC_URL", f"http://localhost:{port}")) as mine:
        check_free(host, port)
        write_logs(folder)
        log.info("data in %s", folder.path)
        preparation.prepare(environ, folder.path)
        try:
            run(environ, mine, host, port, announce)
        finally:
            preparation.release(folder)


def run(environ: MutableMapping[str, str], mine: instance.Instance, host: str, port: int, announce: str) -> None:
    """Bring assets and database up to date, then keep the children alive; say once that they answer."""
    assets.build()
    log.info("bringing the database up to date")
    link = web.manage(environ, "upgrade", "--signin-link").strip().splitlines()[-1]
    welcome = f"The suite is ready: {mine.url}\nSign in once, within 15 minutes: {link}"

    def until_ready() -> bool:
        if not web.ready(f"http://{'localhost' if host in LOCAL else host}:{port}"):
            return False
        say(welcome, announce)
        return True

    folder = locate(environ["DATA_DIR"])
    Supervisor([*servers(folder, environ), *children(environ, host, port)]).run(until_ready)


def children(environ: Mapping[str, str], host: str, port: int) -> list[Child]:
    """The processes of the suite, in the order of their start."""
    python = [sys.executable, "-m"]
    web_server = ["uvicorn", "core.config.asgi:application", f"--host={host}", f"--port={port}", "--lifespan=off"]
    worker = [
        "celery",
        "--quiet",
        "--app=core.config",
        "worker",
        f"--queues={QUEUES}",
        "--concurrency=2",
        "--loglevel=INFO",
    ]
    quiet = {**environ, "PYTHONUNBUFFERED": "1"}
    return [
        Child("web", [*python, *web_server, "--no-access-log", "--timeout-graceful-shutdown=5"], quiet),
        Child("worker", [*python, *worker, "--without-gossip", "--without-mingle"], quiet),
        Child("scheduler", [sys.executable, str(ROOT / "manage.py"), "scheduler"], quiet),
    ]


def port_of(environ: Mapping[str, str]) -> int:
    try:
        return int(environ.get("PORT") or 8000)
    except ValueError as error:
        raise CantStart(f"PORT is {environ['PORT']!r}; it must be a number, for example 8000.") from error


def check_free(host: str, port: int) -> None:
    """Say at once that the port is taken, rather than after everything has started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise CantStart(f"Port {port} can't be used ({error}). Choose another: PORT=8001 make up") from error


def write_logs(folder: Folder) -> None:
    """Every line goes to the console with the name of who says it, and to a file per process."""
    console = logging.StreamHandler(sys.stdout)
    console.setFormatter(logging.Formatter("%(name)-15s %(message)s"))
    log.setLevel(logging.INFO)
    log.addHandler(console)
    for name in ("web", "worker", "scheduler"):
        file = RotatingFileHandler(folder.logs / f"{name}.log", maxBytes=10_000_000, backupCount=5)
        logging.getLogger(f"suite.{name}").addHandler(file)


def say(welcome: str, announce: str) -> None:
    """Tell the terminal, or through the pipe the command that waits for us; a log never holds the link."""
    if announce:
        with os.fdopen(int(announce), "w") as pipe:
            pipe.write(welcome)
    else:
        print(f"\n{welcome}\n", flush=True)
