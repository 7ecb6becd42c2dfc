"""What does not fit is answered with a sentence, never with a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.console import Server

CAMERA: dict[str, Any] = {
    "code": "c-9",
    "name": "九号",
    "url": "rtsp://127.0.0.1:1/x",
    "lon": 120.98,
    "lat": 31.38,
}


def test_a_body_over_the_limit_is_413(console: Server) -> None:
    admin = console.browser().login("root-1")
    said = admin.post("/api/v1/cameras", json=CAMERA | {"name": "x" * (1 << 20)})
    assert said.status_code == 413
    assert said.json()["error"]["message"] == "the body is larger than the 1024 KiB allowed here"

    def pieces() -> Any:
        yield b'{"code": "'
        for _ in range(40):
            yield b"x" * 65536
        yield b'"}'

    headers = {"Content-Type": "application/json"}
    sent = admin.post("/api/v1/cameras", content=pieces(), headers=headers)
    assert (sent.status_code, sent.json()["error"]["code"]) == (413, "too_large")


def test_a_nul_is_refused_with_its_field(console: Server) -> None:
    admin = console.browser().login("root-1")
    answer = admin.post("/api/v1/cameras", json=CAMERA | {"name": "a\x00b"})
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"][0]["field"] == "name"
    assert admin.get("/api/v1/places?q=%00").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/cameras/99999999999999",
        "/api/v1/events?from=0001-01-01T00:00:00%2B14:00",
        "/api/v1/events?camera_id=99999999999999",
    ],
)
def test_numbers_and_times_out_of_range_are_422(console: Server, path: str) -> None:
    admin = console.browser().login("dora")
    answer = admin.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid"), answer.text


def test_a_body_that_is_no_json_says_where(console: Server) -> None:
    admin = console.browser().login("root-1")
    headers = {"Content-Type": "application/json"}
    answer = admin.post("/api/v1/cameras", content=b'{"code": ', headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("the body is not JSON:")
    assert answer.json()["error"]["message"].endswith("at character 9")
