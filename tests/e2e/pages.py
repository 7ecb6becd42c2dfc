"""Pages of the running city, logged in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import Browser, Page

from demo.running import City

CONSOLE = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
#: How the alarm of somebody in the demo's yard begins; the yard's camera may have other alarms.
INTRUSION = re.compile(r"\bin\b.*yard", re.IGNORECASE)


def logged_in(
    city: City, browser: Browser, name: str, size: dict[str, int], path: str
) -> Iterator[Page]:
    """One page of a person in English, at ``path``. Closed afterwards; an error of its scripts fails the test."""
    context = browser.new_context(viewport=size, locale="en-GB", base_url=city.console)  # type: ignore[arg-type]
    context.add_init_script("localStorage.setItem('wanglou.language', 'en')")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/login")
    page.get_by_test_id("login-name").fill(name)
    page.get_by_test_id("login-password").fill(city.password)
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(lambda url: "/login" not in url)
    if path != "/":
        page.goto(path)
    yield page
    context.close()
    assert problems == []
