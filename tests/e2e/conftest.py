"""A real Chromium in front of the whole suite: its ASGI server on the test database, its built assets."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

import pytest
import uvicorn
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.db import connections
from django.test import Client, RequestFactory
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from core.access.demo import World, build
from core.accounts.models import User
from tests.e2e.story import Story
from tests.e2e.suite import Suite

T = TypeVar("T")

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright keeps a loop in this thread; the tests use the database too
)

expect.set_options(timeout=20_000)  # a busy machine is slow, and no less right

CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--no-first-run",
]
WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
VIEWPORTS = {1440: WIDE, 390: PHONE}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Where there is none, that is an error that says what to install.

    One for each module: Playwright keeps a loop in this thread, and the tests of other folders must not meet it.
    """
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail("The browser tests need Chromium: apt install chromium (or set CHROMIUM to its path).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Server(uvicorn.Server):
    """uvicorn in a thread, without its signal handlers."""

    started_event: threading.Event
    address: str

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.started_event.set()

    def settle(self) -> None:
        """Wait until what the browser sent has been answered and its connections are closed.

        What it sends as it closes may still be on its way. Our own request comes after it.
        """
        urlopen(f"{self.address}/healthz", timeout=20).close()  # noqa: S310
        until = time.monotonic() + 60
        while self.server_state.connections or self.server_state.tasks:
            assert time.monotonic() < until, "the server is still busy"
            time.sleep(0.02)


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[Server]:
    """The suite's own ASGI application on a free port."""
    from core.config.asgi import application

    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(application, log_level="warning", lifespan="off", ws="websockets-sansio"))
    server.started_event = threading.Event()
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    assert server.started_event.wait(20), "the server did not start"
    server.address = f"http://localhost:{listener.getsockname()[1]}"
    yield server
    server.should_exit = True
    thread.join(20)
    listener.close()


def apart(act: Callable[[], T]) -> T:
    """Do this in a thread of its own: Playwright keeps an event loop in ours, where Channels can't be waited for."""

    def work() -> T:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def sign_in(user: User, language: str) -> str:
    """The key of a new session of this person, who reads in this language and has just said who he is."""
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client()
    client.force_login(user)
    request = RequestFactory().get("/")
    request.user, request.session = user, client.session
    record_authentication(request, user, "password", reauthenticated=True)
    request.session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@dataclass
class Site:
    """The running suite with the demo's people, and a way in for each of them."""

    address: str
    browser: Browser
    world: World
    contexts: list[BrowserContext]

    def open(
        self, path: str, who: str = "owner", language: str = "fr", theme: str = "light", width: int = 1440
    ) -> Page:
        """A page of a fresh browser in which this person has signed in; without a path, a blank one."""
        context = self.browser.new_context(
            viewport=VIEWPORTS[width],
            locale=language,
            color_scheme="dark" if theme == "dark" else "light",
            has_touch=width < 600,
            is_mobile=width < 600,
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        cookies = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.address}]
        if who != "anonymous":
            session = apart(lambda: sign_in(self.world.user[who], language))
            cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address})
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        if path:
            page.goto(self.address + path)
        return page


@pytest.fixture
def site(transactional_db: None, server: Server, chromium: Browser) -> Iterator[Site]:
    running = Site(server.address, chromium, build(), [])
    yield running
    for context in running.contexts:
        context.close()
    server.settle()  # before the database is emptied under it


@pytest.fixture(scope="package")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A whole instance with its worker and scheduler, and the demo in it.

    Of this folder alone: its tests come first, and while a worker goes on with others nothing runs beside them.
    """
    suite = Suite(tmp_path_factory.mktemp("suite"))
    started = suite.manage("up")
    assert started.returncode == 0, started.stderr
    yield suite
    suite.throw_away()


@pytest.fixture(params=["fr", "en"])
def story(request: pytest.FixtureRequest, suite: Suite, chromium: Browser) -> Iterator[Story]:
    """The whole instance, whose people have a password and a second factor, in French and in English."""
    script = Path(__file__).with_name("story_people.py").read_text()
    made = suite.manage("shell", "-v", "0", "-c", f"language = {request.param!r}\n{script}")
    assert made.returncode == 0, made.stderr
    story = Story(suite, chromium, request.param, json.loads(made.stdout), request.param)
    yield story
    for context in story.contexts:
        context.close()
