"""Pages of the running city, logged in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from demo.running import City

CONSOLE = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
#: How the alarm of somebody in the demo's yard begins; the yard's camera may have other alarms.
INTRUSION = re.compile(r"\bin\b.*yard", re.IGNORECASE)


def logged_in(
    city: City, browser: Browser, name: str, size: dict[str, int], path: str
) -> Iterator[Page]:
    """One page of a person of the city in English, at ``path``; see :func:`opened`."""
    for page in opened(
        browser, name, city.password, viewport=size, locale="en-GB", base_url=city.console
    ):
        if path != "/":
            page.goto(path)
        yield page


def reviewer(url: str, browser: Browser, password: str) -> Iterator[Page]:
    """The reviewer's page at the console ``url``, in English and UTC, so that the screen's times are the recordings' own."""
    for page in opened(
        browser,
        "rita",
        password,
        viewport=CONSOLE,
        locale="en-GB",
        timezone_id="UTC",
        base_url=url,
        accept_downloads=True,
    ):
        page.evaluate(
            """async () => {
              const { csrf } = await (await fetch('/api/v1/session')).json();
              const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
              await fetch('/api/v1/session', { method: 'PATCH', headers, body: '{"language":"en"}' });
            }"""
        )
        yield page


def opened(browser: Browser, name: str, password: str, **context_options: Any) -> Iterator[Page]:
    """A logged-in page in English. Closed afterwards; an error of its scripts fails the test."""
    context = browser.new_context(**context_options)
    context.add_init_script("localStorage.setItem('wanglou.language', 'en')")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/login")
    page.get_by_test_id("login-name").fill(name)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(lambda url: "/login" not in url)
    yield page
    context.close()
    assert problems == []
