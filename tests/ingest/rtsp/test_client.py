"""The conversation with a camera, without a camera: what is asked, and what each answer leads to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.address import parse_address
from ingest.rtsp.client import Redirected, RtspClient
from ingest.rtsp.digest import Login
from ingest.rtsp.media import check_video
from ingest.rtsp.steps import STEPS, StepFailed
from ingest.rtsp.wire import interleaved

URL = "rtsp://cam:554/live"
SDP = (
    "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
    "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n"
)
DIGEST = 'WWW-Authenticate: Digest realm="r", nonce="{}"'


class Talk:
    """Answers a client by hand; ``asked`` holds the request that waits."""

    def __init__(self, login: Login | None = None, audio: bool = True) -> None:
        self.client = RtspClient(parse_address(URL), login, audio, check_video, lambda: "c")
        self.client.begin()
        self.asked = ""
        self.hear()

    def hear(self) -> None:
        self.asked = self.client.outgoing().decode("latin-1")

    def answer(self, status: str = "200 OK", *headers: str, body: str = "") -> Talk:
        number = re.search(r"CSeq: (\d+)", self.asked)
        assert number is not None
        lines = [f"RTSP/1.0 {status}", f"CSeq: {number[1]}", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        assert self.client.receive(("\r\n".join(lines) + "\r\n\r\n" + body).encode()) == []
        self.hear()
        return self

    def describe(self, sdp: str = SDP) -> Talk:
        return self.answer("200 OK", f"Content-Base: {URL}/", body=sdp)

    def set_up(self, channels: str = "0-1", session: str = "77;timeout=30") -> Talk:
        transport = f"Transport: RTP/AVP/TCP;unicast;interleaved={channels}"
        return self.answer("200 OK", transport, f"Session: {session}")

    def play(self) -> Talk:
        return self.answer("200 OK")


def fails(*answers: str, talk: Talk | None = None) -> StepFailed:
    talk = talk or Talk()
    with pytest.raises(StepFailed) as failed:
        talk.answer(*answers)
    assert failed.value.step in STEPS
    assert str(failed.value).startswith(f"{failed.value.step}: ")
    return failed.value


def test_from_the_first_question_to_goodbye() -> None:
    talk = Talk()
    assert talk.asked.startswith(f"DESCRIBE {URL} RTSP/1.0\r\nCSeq: 1\r\n")
    talk.describe()
    assert talk.asked.startswith(f"SETUP {URL}/track1 RTSP/1.0")
    assert "interleaved=0-1" in talk.asked
    talk.set_up("4-5")
    assert talk.asked.startswith(f"SETUP {URL}/track2 RTSP/1.0")
    assert "interleaved=2-3" in talk.asked
    assert "Session: 77\r\n" in talk.asked
    talk.set_up("2-3")
    assert talk.asked.startswith(f"PLAY {URL}/ RTSP/1.0")
    talk.play()
    client = talk.client
    assert client.playing
    assert [(c.track.codec, c.rtp, c.rtcp) for c in client.channels] == [
        ("h264", 4, 5),
        ("pcma", 2, 3),
    ]
    assert client.keep_alive_s == 15
    client.keep_alive()
    talk.hear()
    assert talk.asked.startswith("OPTIONS ")
    talk.answer("200 OK", "Public: OPTIONS, PLAY, GET_PARAMETER")
    client.keep_alive()
    talk.hear()
    assert talk.asked.startswith("GET_PARAMETER ")
    client.send_rtcp(client.channels[0], b"report")
    assert client.outgoing() == interleaved(5, b"report")
    client.teardown()
    talk.hear()
    assert talk.asked.startswith("TEARDOWN ")
    assert "Session: 77\r\n" in talk.asked


def test_media_and_answers_may_be_mixed() -> None:
    talk = Talk().describe().set_up().set_up("2-3")
    data = (
        interleaved(0, b"early") + b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n" + interleaved(0, b"media")
    )
    assert talk.client.receive(data) == [(0, b"early"), (0, b"media")]
    assert talk.client.playing


def test_login_is_said_once_it_is_asked_for_and_again_for_a_new_nonce() -> None:
    talk = Talk(Login("u", "p"))
    assert "Authorization" not in talk.asked
    talk.answer("401 Unauthorized", DIGEST.format("one"))
    assert talk.asked.startswith("DESCRIBE")
    assert 'nonce="one"' in talk.asked
    talk.describe()
    assert 'nonce="one"' in talk.asked
    talk.answer("401 Unauthorized", DIGEST.format("two"))  # the nonce grew old
    assert talk.asked.startswith("SETUP")
    assert 'nonce="two"' in talk.asked
    talk.set_up()
    talk.answer("404 Not Found")  # no sound, then
    talk.play()
    assert [c.track.kind for c in talk.client.channels] == ["video"]
    assert talk.client.playing


def test_refused_logins() -> None:
    assert fails("401 Unauthorized", DIGEST.format("x")).state == "refused"
    talk = Talk(Login("u", "p"))
    talk.answer("401 Unauthorized", DIGEST.format("x"))
    wrong = fails("401 Unauthorized", DIGEST.format("y"), talk=talk)
    assert str(wrong) == "authenticate: the camera refuses user 'u' or its password (401)"
    stale = Talk(Login("u", "p"))
    for _ in range(3):
        stale.answer("401 Unauthorized", DIGEST.format("x") + ', stale="TRUE"')
    assert (
        fails("401 Unauthorized", DIGEST.format("x") + ", stale=true", talk=stale).state
        == "refused"
    )
    kind = fails("401 Unauthorized", "WWW-Authenticate: NTLM", talk=Talk(Login("u", "p")))
    assert "neither Digest nor Basic" in str(kind)
    assert fails("403 Forbidden").step == "authenticate"


def test_a_camera_that_refuses_keep_alive_goes_on_playing() -> None:
    talk = Talk(Login("u", "p")).describe().set_up().set_up("2-3").play()
    for _ in range(6):
        talk.client.keep_alive()
        talk.hear()
        talk.answer("401 Unauthorized", DIGEST.format("x"))
        if "OPTIONS" in talk.asked:
            talk.answer("401 Unauthorized", DIGEST.format("x"))
        talk.client.keep_alive()
        talk.hear()
        talk.answer("405 Method Not Allowed")
    assert talk.client.playing


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("404 Not Found", "unreachable", "describe: the camera has no stream at '/live' (404)"),
        ("453 Not Enough Bandwidth", "unreachable", "no bandwidth left"),
        (
            "503 Service Unavailable",
            "unreachable",
            "describe: the camera answers 503 Service Unavailable",
        ),
    ],
)
def test_refusals_of_describe(status: str, state: str, words: str) -> None:
    failure = fails(status)
    assert failure.state == state
    assert words in str(failure)


def test_transports_other_than_tcp_are_named() -> None:
    refused = fails("461 Unsupported Transport", talk=Talk().describe())
    assert (refused.step, refused.state) == ("setup", "unsupported")
    assert "does not send over TCP (461)" in str(refused)
    udp = fails(
        "200 OK", "Session: 1", "Transport: RTP/AVP;unicast;client_port=1-2", talk=Talk().describe()
    )
    assert "answers with UDP" in str(udp)


def test_forgotten_session_and_a_camera_that_ends_it() -> None:
    talk = Talk().describe().set_up().set_up("2-3").play()
    talk.client.keep_alive()
    talk.hear()
    gone = fails("454 Session Not Found", talk=talk)
    assert (gone.step, gone.state) == ("play", "stalled")
    talk = Talk().describe().set_up().set_up("2-3").play()
    assert talk.client.receive(b"OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n\r\n") == []
    assert talk.client.outgoing() == b"RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n"
    with pytest.raises(StepFailed, match="ended the session"):
        talk.client.receive(b"TEARDOWN rtsp://cam/live RTSP/1.0\r\nCSeq: 4\r\n\r\n")


def test_redirects() -> None:
    for status in ("301 Moved", "302 Found", "305 Use Proxy"):
        with pytest.raises(Redirected) as redirected:
            Talk().answer(status, "Location: rtsp://u:p@other:8554/y")
        assert redirected.value.address.url == "rtsp://other:8554/y"
    assert "redirects (302) to no address: 'http://x'" in str(
        fails("302 Found", "Location: http://x")
    )


def test_descriptions_that_offer_nothing() -> None:
    with pytest.raises(StepFailed, match="offers no video"):
        Talk().describe("v=0\r\nm=audio 0 RTP/AVP 8\r\n")
    with pytest.raises(StepFailed, match="sends MP4V-ES; set its stream to"):
        Talk().describe("m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\n")


def test_a_user_name_cannot_smuggle_a_header_in() -> None:
    smuggler = Talk(Login("u\r\nEvil: 1", "p"))
    with pytest.raises(StepFailed, match="cannot be written"):
        smuggler.answer("401 Unauthorized", DIGEST.format("x"))


def test_sound_is_not_asked_for_where_it_is_switched_off() -> None:
    talk = Talk(audio=False).describe().set_up()
    assert talk.asked.startswith("PLAY")


def test_answers_without_a_number_and_answers_that_come_twice() -> None:
    talk = Talk()
    talk.client.receive(f"RTSP/1.0 200 OK\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}".encode())
    talk.hear()
    assert talk.asked.startswith("SETUP")
    talk.client.receive(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")  # to DESCRIBE, once more
    talk.set_up()
    assert "track2" in talk.asked


def test_silence_is_named_by_its_question() -> None:
    assert (
        str(Talk().client.no_answer(5)) == "describe: cam:554 does not answer DESCRIBE within 5 s"
    )
    assert Talk().describe().client.no_answer(5).step == "setup"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([
            b"RTSP/1.0 200 OK\r\n", b"RTSP/1.0 401 x\r\n", b"RTSP/1.0 302 x\r\n", b"CSeq: 1\r\n", b"CSeq: 2\r\n",
            b"CSeq: 99999999999\r\n", b"Session: ;timeout=x\r\n", b"Transport: interleaved=999-9\r\n", b"\r\n",
            b"WWW-Authenticate: Digest nonce=\r\n", b"WWW-Authenticate: Digest nonce=\xff\r\n", b"Content-Length: 9\r\n",
            b"m=video 0 RTP/AVP 96\r\n", b"a=rtpmap:96 H264/90000\r\n", b"$\x00\x00\x02ab", b"TEARDOWN x RTSP/1.0\r\n",
        ])
        | st.binary(max_size=30),
        max_size=25,
    )
)  # fmt: skip
def test_no_answer_raises_anything_but_a_failed_step(pieces: list[bytes]) -> None:
    talk = Talk(Login("u", "p"))
    try:
        for piece in pieces:
            talk.client.receive(piece)
            talk.client.outgoing()
    except (StepFailed, Redirected):
        pass
