"""Logging in, sessions, throttling, forged changes: against a real server and database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher

from gis.clock import ManualClock
from gis.db import Database
from gis.errors import InvalidInput
from tests.support.console import PASSWORD, Server
from web import users
from web.auth import passwords
from web.auth.sessions import token_hash


def test_login_gives_a_session_and_a_hardened_cookie(console: Server) -> None:
    browser = console.browser()
    answer = browser.post("/api/v1/login", json={"name": "dora", "password": PASSWORD})
    assert answer.status_code == 200
    body = answer.json()
    assert body["user"]["name"] == "dora" and body["user"]["roles"] == ["dispatcher"]
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie
    again = browser.get("/api/v1/session").json()
    assert again["csrf"] == body["csrf"]


def test_secure_cookie_where_configured(serve: Callable[..., Any]) -> None:
    with serve(secure_cookies=True) as server:
        answer = server.browser().post("/api/v1/login", json={"name": "dora", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_wrong_password_and_unknown_name_get_the_same_answer(console: Server) -> None:
    browser = console.browser()
    wrong = browser.post("/api/v1/login", json={"name": "dora", "password": "not this one"})
    unknown = browser.post("/api/v1/login", json={"name": "nobody", "password": "not this one"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["error"]["code"] == "wrong_login"


def test_an_unknown_name_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Spy(PasswordHasher):
        def verify(self, hash: Any, password: Any) -> Any:
            checked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Spy(time_cost=1, memory_cost=64, parallelism=1))
    assert passwords.verify(None, "whatever it is") is False
    assert len(checked) == 1 and checked[0].startswith("$argon2id$")


def test_without_a_session_nothing_is_told(console: Server) -> None:
    browser = console.browser()
    for path in (
        "/cameras",
        "/session",
        "/vehicles",
        "/system",
        "/audit",
        "/recordings/segments/1.mp4",
    ):
        answer = browser.get(f"/api/v1{path}")
        assert answer.status_code == 401, path
        assert answer.json()["error"]["code"] == "not_logged_in"


def test_every_route_but_login_wants_a_session(console: Server) -> None:
    """Whatever is added later: no route of the document answers anything but 401 to a stranger."""
    browser = console.browser()
    document = browser.get("/openapi.json").json()
    tried = 0
    for path, methods in document["paths"].items():
        for method in methods:
            if path == "/api/v1/login":
                continue
            concrete = path
            for name in ("{z}", "{x}", "{y}"):
                concrete = concrete.replace(name, "1")
            while "{" in concrete:
                concrete = (
                    concrete[: concrete.index("{")] + "1" + concrete[concrete.index("}") + 1 :]
                )
            answer = browser.request(method.upper(), concrete)
            assert answer.status_code == 401, (method, path, answer.status_code, answer.text)
            tried += 1
    assert tried >= 35


def test_a_change_without_the_token_is_refused(console: Server) -> None:
    browser = console.browser().login("dora")
    good = browser.headers.pop("X-CSRF-Token")
    answer = browser.patch("/api/v1/session", json={"language": "en"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    other = console.browser().login("carl").headers["X-CSRF-Token"]
    answer = browser.patch(
        "/api/v1/session", json={"language": "en"}, headers={"X-CSRF-Token": other}
    )
    assert answer.status_code == 403
    answer = browser.patch(
        "/api/v1/session", json={"language": "en"}, headers={"X-CSRF-Token": good}
    )
    assert answer.status_code == 200 and answer.json()["user"]["language"] == "en"


def test_a_change_from_another_site_is_refused_even_with_the_token(console: Server) -> None:
    browser = console.browser().login("dora")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = browser.patch("/api/v1/session", json={"language": "en"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    login = console.browser().post(
        "/api/v1/login",
        json={"name": "dora", "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert login.status_code == 403
    own = browser.patch("/api/v1/session", json={"language": "en"}, headers={"Origin": console.url})
    assert own.status_code == 200


def test_a_stolen_session_table_opens_nothing(console: Server, database: Database) -> None:
    browser = console.browser().login("dora")
    cookie = browser.cookies["wanglou_session"]
    row = database.row("SELECT * FROM user_session")
    assert row is not None and bytes(row.token_hash) == token_hash(cookie)
    everything = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row)
    assert cookie not in everything
    for stolen in (bytes(row.token_hash).hex(), row.csrf):
        thief = console.browser()
        thief.cookies["wanglou_session"] = stolen
        assert thief.get("/api/v1/session").status_code == 401


def test_two_sessions_at_once_and_logout_ends_one(console: Server) -> None:
    first, second = console.browser().login("dora"), console.browser().login("dora")
    assert first.headers["X-CSRF-Token"] != second.headers["X-CSRF-Token"]
    kept = first.cookies["wanglou_session"]
    assert first.post("/api/v1/logout").status_code == 204
    thief = console.browser()
    thief.cookies["wanglou_session"] = kept
    assert thief.get("/api/v1/session").status_code == 401
    assert second.get("/api/v1/session").status_code == 200


def test_sessions_end_when_idle_and_at_their_absolute_end(serve: Callable[..., Any]) -> None:
    clock = ManualClock()
    with serve(clock=clock, session_idle_s=600, session_absolute_s=1500) as server:
        idle, busy = server.browser().login("dora"), server.browser().login("carl")
        for _ in range(3):
            clock.advance(400)
            assert busy.get("/api/v1/session").status_code == 200
        assert idle.get("/api/v1/session").status_code == 401
        clock.advance(400)
        answer = busy.get("/api/v1/session")
        assert answer.status_code == 401
        assert "log in again" in answer.json()["error"]["message"]


def test_password_change_ends_the_other_sessions(console: Server) -> None:
    here, there = console.browser().login("rita"), console.browser().login("rita")
    answer = here.post("/api/v1/session/password", json={"old": "wrong", "new": "a new pass word"})
    assert answer.status_code == 422 and answer.json()["error"]["fields"][0]["field"] == "old"
    answer = here.post("/api/v1/session/password", json={"old": PASSWORD, "new": "my rita pass"})
    assert answer.json()["error"]["fields"][0]["field"] == "new"
    answer = here.post("/api/v1/session/password", json={"old": PASSWORD, "new": "a new pass word"})
    assert answer.status_code == 200
    assert here.get("/api/v1/session").status_code == 200
    assert there.get("/api/v1/session").status_code == 401
    console.browser().login("rita", "a new pass word")


def test_guessing_is_slowed_down(serve: Callable[..., Any]) -> None:
    clock = ManualClock()
    with serve(clock=clock) as server:
        browser = server.browser()

        def guess(password: str) -> Any:
            return browser.post("/api/v1/login", json={"name": "dora", "password": password})

        assert [guess("a wrong guess").status_code for _ in range(5)] == [401] * 5
        answer = guess(PASSWORD)
        assert answer.status_code == 429
        assert answer.json()["error"]["code"] == "too_many_logins"
        assert int(answer.headers["Retry-After"]) == 2
        clock.advance(2.5)
        assert guess("a wrong guess").status_code == 401
        assert int(guess(PASSWORD).headers["Retry-After"]) == 4
        # Another name from this address is not locked out, and the owner gets in after the wait.
        server.browser().login("carl")
        clock.advance(4.5)
        assert guess(PASSWORD).status_code == 200
        assert guess("a wrong guess").status_code == 401


def test_login_and_failures_are_audited(console: Server) -> None:
    console.browser().post("/api/v1/login", json={"name": "dora", "password": "not this one"})
    admin = console.browser().login("root-1")
    admin.patch("/api/v1/session", json={"language": "en"})
    entries = admin.get("/api/v1/audit").json()
    assert [(e["actor"], e["action"]) for e in entries[:3]] == [
        ("root-1", "set_language"),
        ("root-1", "login"),
        ("dora", "login_failed"),
    ]
    assert entries[0]["address"] == "127.0.0.1"
    older = admin.get("/api/v1/audit", params={"before": entries[1]["id"], "actor": "dora"}).json()
    assert [e["action"] for e in older] == ["login_failed"]


def test_hashes_are_brought_up_to_date_at_login(console: Server, database: Database) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    database.run("UPDATE app_user SET password_hash = %s WHERE name = 'dora'", [weak])
    console.browser().login("dora")
    row = database.row("SELECT password_hash FROM app_user WHERE name = 'dora'")
    assert row is not None and row.password_hash != weak and "m=256," in row.password_hash
    console.browser().login("dora")


def test_the_real_hashes_are_argon2id_of_64_mib() -> None:
    made = passwords.make_hasher().hash(PASSWORD)
    assert made.startswith("$argon2id$") and "m=65536,t=3,p=4" in made


@pytest.mark.parametrize(
    ("name", "password"),
    [("dora", "short"), ("dora", "xx-DORA-xx-12"), ("dora", "aaaaaaaaaaaab"), ("dora", "")],
)
def test_weak_passwords_are_refused(name: str, password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        passwords.check_rules(name, password)
    assert caught.value.field == "password"


def test_set_password_ends_every_session(console: Server, database: Database) -> None:
    browser = console.browser().login("dora")
    users.set_password(database, "dora", "another phrase 9")
    assert browser.get("/api/v1/session").status_code == 401
    console.browser().login("dora", "another phrase 9")


def test_answers_carry_security_headers(console: Server) -> None:
    for path in ("/api/v1/session", "/login", "/healthz"):
        headers = console.browser().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert console.browser().get("/api/v1/session").headers["cache-control"] == "no-store"
