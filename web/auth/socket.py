"""WebSockets: who may open one, and what ends one when the session behind it ends.

A browser does not show a page why a handshake was refused, so a socket of our own pages is accepted first and
then closed with a code that tells the page what to do. One from another site is refused outright.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from fastapi import WebSocket
from fastapi.concurrency import run_in_threadpool

from gis.errors import WanglouError
from web.auth import sessions
from web.auth.origin import same_origin
from web.errors import NotLoggedIn
from web.model import CurrentUser, Session

if TYPE_CHECKING:
    from web.runtime import Runtime

CLOSE_LOGIN = 4401  # log in again
CLOSE_GONE = 4404  # no such thing, or not for you
CLOSE_AWAY = 1013  # something behind is away: try again in a moment


async def open_socket(websocket: WebSocket) -> tuple[Runtime, Session] | None:
    """Accepts the socket when a session of our own pages opened it; otherwise closes it and gives None."""
    running = cast("Runtime", websocket.app.state.runtime)
    if not same_origin(websocket.headers):
        await websocket.close(1008)
        return None
    client = websocket.client.host if websocket.client else ""
    cookie = websocket.cookies.get(sessions.COOKIE)
    try:
        session = await run_in_threadpool(sessions.of_cookie, running, cookie, client)
    except NotLoggedIn as error:
        await websocket.accept()
        await websocket.close(CLOSE_LOGIN, str(error))
        return None
    except WanglouError:
        await websocket.accept()
        await websocket.close(CLOSE_AWAY, "the database does not answer now")
        return None
    await websocket.accept()
    return running, session


@dataclass(frozen=True, slots=True)
class _Watched:
    token_hash: bytes
    user: CurrentUser
    end: Callable[[], object]


class Sockets:
    """The open sockets by session, so that a logout or a change of rights ends them. Used from the event
    loop; :meth:`hashes` also from another thread."""

    def __init__(self) -> None:
        self._watched: dict[int, _Watched] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @contextmanager
    def watch(self, session: Session, end: Callable[[], object]) -> Iterator[None]:
        """Calls ``end`` (in the event loop) when the session has ended while the block runs."""
        number = next(self._numbers)
        with self._lock:
            self._watched[number] = _Watched(session.token_hash, session.user, end)
        try:
            yield
        finally:
            with self._lock:
                del self._watched[number]

    def hashes(self) -> list[bytes]:
        """The sessions behind open sockets."""
        with self._lock:
            return list({w.token_hash for w in self._watched.values()})

    def __len__(self) -> int:
        return len(self._watched)

    def end_all_but(self, alive: dict[bytes, CurrentUser]) -> None:
        """Ends every socket whose session is not in ``alive`` or whose person's rights changed."""
        with self._lock:
            ended = [
                w
                for w in self._watched.values()
                if w.token_hash not in alive or _rights(alive[w.token_hash]) != _rights(w.user)
            ]
        for watched in ended:
            watched.end()


def _rights(user: CurrentUser) -> tuple[object, ...]:
    return (user.roles, user.camera_ids, user.unit_id)


class WhepSessions:
    """Which login opened which WebRTC session."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[bytes, int]] = {}
        self._lock = threading.Lock()

    def opened(self, session_id: str, token_hash: bytes, camera_id: int) -> None:
        """Notes a new session."""
        with self._lock:
            self._owners[session_id] = (token_hash, camera_id)

    def closed(self, session_id: str, token_hash: bytes) -> bool:
        """Forgets the session; False when it is not this login's."""
        with self._lock:
            owner = self._owners.get(session_id)
            if owner is None or owner[0] != token_hash:
                return False
            del self._owners[session_id]
            return True

    def hashes(self) -> list[bytes]:
        """The logins that have sessions open."""
        with self._lock:
            return list({token_hash for token_hash, _ in self._owners.values()})

    def take_ended(self, alive: dict[bytes, CurrentUser]) -> list[str]:
        """Sessions whose login has ended or may no longer see the camera; they are forgotten here."""
        with self._lock:
            ended = [
                session_id
                for session_id, (token_hash, camera_id) in self._owners.items()
                if token_hash not in alive or not alive[token_hash].sees(camera_id)
            ]
            for session_id in ended:
                del self._owners[session_id]
            return ended
