"""Camera passwords at rest: Fernet (AES-128-CBC and HMAC-SHA256), the key outside the database."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from gis.errors import InvalidInput


def encrypt(key: bytes, password: str) -> bytes:
    """``password`` as it is kept in ``camera.password_enc``. Raises ValueError when ``key`` is no Fernet key."""
    return Fernet(key).encrypt(password.encode())


def decrypt(key: bytes, token: bytes) -> str:
    """The password again. Raises :class:`InvalidInput` when it was encrypted with another key or changed."""
    try:
        return Fernet(key).decrypt(token).decode()
    except InvalidToken:
        raise InvalidInput(
            "the camera's password was encrypted with another key: enter it anew", "password"
        ) from None
