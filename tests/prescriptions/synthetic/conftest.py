"""A browser, for the tests here that need one."""

from tests.e2e.conftest import chromium, server, site  # noqa: F401 (fixtures)
