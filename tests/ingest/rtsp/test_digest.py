"""Logging in, by the examples of the standards."""

from __future__ import annotations

from ingest.rtsp.digest import Login

# RFC 7616 section 3.9.1
BASE = (
    'realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def answered(challenges: list[str], user: str, password: str, basic: bool = True) -> str | None:
    login = Login(user, password, basic)
    assert login.authorization("GET", "/", CNONCE) is None
    if not login.challenge(challenges):
        return None
    return login.authorization("GET", "/dir/index.html", CNONCE)


def test_digest_of_the_standard_s_example() -> None:
    both = [f"Digest {BASE.format('MD5')}", f"Digest {BASE.format('SHA-256')}", 'Basic realm="x"']
    strong = answered(both, "Mufasa", "Circle of Life")
    assert strong is not None
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in strong
    weak = answered(both[:1], "Mufasa", "Circle of Life")
    assert weak is not None
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in weak


def test_digest_without_qop_as_old_cameras_do_it() -> None:
    # RFC 2069 section 2.4, with the response corrected by its erratum 749.
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    login = Login("Mufasa", "CircleOfLife")
    assert login.challenge([challenge])
    answer = login.authorization("GET", "/dir/index.html", CNONCE)
    assert answer is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in answer
    assert "nc=" not in answer


def test_every_request_of_one_nonce_counts_on() -> None:
    login = Login("u", "p")
    assert login.challenge([f"Digest {BASE.format('MD5')}"])
    for number in (1, 2, 3):
        assert f"nc={number:08x}" in (login.authorization("GET", "/", "c") or "")
    assert login.challenge([f"Digest {BASE.format('MD5')}"])
    assert "nc=00000001" in (login.authorization("GET", "/", "c") or "")


def test_basic_only_where_it_may_be_said() -> None:
    basic = ['Basic realm="x"']
    assert answered(basic, "Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert answered(basic, "Aladdin", "open sesame", basic=False) is None
    assert answered(["NTLM"], "a", "b") is None
    assert answered(["Digest realm=x, algorithm=SHA-512-256, nonce=1"], "a", "b") is None


def test_the_password_is_in_no_text() -> None:
    assert "secret" not in repr(Login("u", "secret"))
