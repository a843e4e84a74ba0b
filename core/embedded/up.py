"""`manage.py up`: the whole suite on one machine, from an empty folder to a sign-in page."""

from __future__ import annotations

import logging
import os
import shutil
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
    host, port = environ.get("BIND", "127.0.0.1"), number_in(environ, "PORT", 8000)
    announce = environ.pop("READY_FD", "")
    with instance.taken(folder, environ.setdefault("PUBLIC_URL", f"http://localhost:{port}")) as mine:
        listener = taken_port(host, port)
        write_logs(folder)
        log.info("data in %s", folder.path)
        preparation.prepare(environ, folder.path)
        try:
            run(environ, mine, listener, announce)
        finally:
            preparation.release(folder)


def run(environ: MutableMapping[str, str], mine: instance.Instance, listener: socket.socket, announce: str) -> None:
    """Bring assets and database up to date, then keep the children alive; say once that they answer."""
    assets.build()
    log.info("bringing the database up to date")
    link = web.manage(environ, "upgrade", "--signin-link").strip().splitlines()[-1]
    welcome = f"The suite is ready: {mine.url}\nSign in once, within ten minutes: {link}"

    host, port = listener.getsockname()[:2]

    def until_ready() -> bool:
        if not web.ready(f"http://{'localhost' if host in LOCAL else host}:{port}"):
            return False
        say(welcome, announce)
        return True

    folder = locate(environ["DATA_DIR"])
    Supervisor([*servers(folder, environ), *children(environ, folder, listener)]).run(until_ready)


def children(environ: Mapping[str, str], folder: Folder, listener: socket.socket) -> list[Child]:
    """The processes of the suite, in the order of their start."""
    python = [sys.executable, "-m"]
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
        *web_processes(quiet, folder, listener),
        Child("worker", [*python, *worker, "--without-gossip", "--without-mingle"], quiet),
        Child("scheduler", [sys.executable, str(ROOT / "manage.py"), "scheduler"], quiet),
    ]


def web_processes(environ: Mapping[str, str], folder: Folder, listener: socket.socket) -> list[Child]:
    """As many as WEB_PROCESSES says, or one per core up to four; they count their requests in one place."""
    count = number_in(environ, "WEB_PROCESSES", min(os.cpu_count() or 1, 4))
    counters = folder.run / "counters"
    shutil.rmtree(counters, ignore_errors=True)
    counters.mkdir()
    command = [sys.executable, "-m", "core.embedded.web_server", str(listener.fileno())]
    counting = {**environ, "PROMETHEUS_MULTIPROC_DIR": str(counters)}
    return [Child("web", command, counting, sockets=[listener.fileno()]) for _ in range(count)]


def number_in(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    try:
        return int(environ.get(name) or otherwise)
    except ValueError as error:
        raise CantStart(f"{name} is {environ[name]!r}; it must be a number, for example {otherwise}.") from error


def taken_port(host: str, port: int) -> socket.socket:
    """The socket of the web processes. That the port is another's is said at once, before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise CantStart(f"Port {port} can't be used ({error}). Choose another: PORT=8001 make up") from error
    return listener


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
