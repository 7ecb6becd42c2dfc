"""A real S3 store for tests: SeaweedFS, one process with everything in memory of a temporary folder.

::

    with s3_store(folder) as store:
        store.endpoint, store.access_key, store.secret
        store.make_bucket("footage"); store.drop_bucket("footage")
        with store.wire() as wire:     # a way to it that can be cut
            wire.endpoint; wire.cut_after(100_000); wire.mend()
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from obstore.exceptions import BaseError
from obstore.store import S3Store

READY_WITHIN_S = 60.0
ACCESS_KEY, SECRET = "wanglou", "secret-of-the-store"
READER_KEY, READER_SECRET = "reader", "secret-of-the-reader"
_WEED = Path(sys.executable).with_name("weed")


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nothing listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class TestStore:
    """The running store. ``access_key`` may read, write and delete, but makes no buckets; ``READER_KEY`` only reads."""

    __test__ = False  # not a test class

    def __init__(self, port: int, filer_port: int) -> None:
        self.port = port
        self._filer_port = filer_port
        self.endpoint = f"http://127.0.0.1:{port}"
        self.access_key = ACCESS_KEY
        self.secret = SECRET

    def client(self, bucket: str) -> S3Store:
        """The library itself, for looking at what is there; it may make buckets."""
        return S3Store(
            bucket,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id="admin",
            secret_access_key="secret-of-the-admin",
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )

    def make_bucket(self, bucket: str) -> None:
        self.client(bucket).put("made", b"-")  # an administrator's first object makes the bucket
        self.client(bucket).delete("made")

    def drop_bucket(self, bucket: str) -> None:
        address = f"http://127.0.0.1:{self._filer_port}/buckets/{bucket}?recursive=true"
        httpx.delete(address, trust_env=False).raise_for_status()

    def names(self, bucket: str) -> set[str]:
        """What lies in the bucket."""
        return {entry["path"] for batch in self.client(bucket).list() for entry in batch}

    @contextlib.contextmanager
    def wire(self) -> Iterator[Wire]:
        """A way to the store that can be cut."""
        wire = Wire(self.port)
        try:
            yield wire
        finally:
            wire.close()


class Wire:
    """Passes TCP connections on to a port of this machine, until it is cut."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._left_bytes: int | None = None
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, sent_bytes: int) -> None:
        """Once so many more bytes went to the store, every connection breaks and new ones are refused."""
        with self._lock:
            self._left_bytes = sent_bytes

    def mend(self) -> None:
        with self._lock:
            self._left_bytes = None

    def close(self) -> None:
        self._listener.close()
        self._break()

    def _break(self) -> None:
        with self._lock:
            broken, self._open = self._open, set()
        for one in broken:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                with self._lock:
                    cut = self._left_bytes is not None and self._left_bytes <= 0
                if cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to_port))
                with self._lock:
                    self._open |= {near, far}
                threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()

    def _pass(self, source: socket.socket, to: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if counted and self._spent(len(data)):
                    self._break()
                    break
                to.sendall(data)
        for one in (source, to):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _spent(self, count: int) -> bool:
        with self._lock:
            if self._left_bytes is None:
                return False
            self._left_bytes -= count
            return self._left_bytes <= 0


def _config() -> str:
    def identity(name: str, secret: str, actions: list[str]) -> dict[str, object]:
        keys = [{"accessKey": name, "secretKey": secret}]
        return {"name": name, "credentials": keys, "actions": actions}

    return json.dumps(
        {
            "identities": [
                identity("admin", "secret-of-the-admin", ["Admin"]),
                identity(ACCESS_KEY, SECRET, ["Read", "Write", "List"]),
                identity(READER_KEY, READER_SECRET, ["Read", "List"]),
            ]
        }
    )


@contextlib.contextmanager
def s3_store(folder: Path) -> Iterator[TestStore]:
    """Runs the store on free ports with its data in ``folder``; killed at the end, for nothing of it is kept."""
    (folder / "s3.json").write_text(_config(), encoding="utf-8")
    ports = free_ports(8)
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
    names += ("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc")
    options = [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                str(_WEED), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
                f"-s3.config={folder / 's3.json'}", "-master.volumeSizeLimitMB=32", "-volume.max=1000",
                "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
                f"-filer.localSocket={folder / 'f'}", f"-s3.localSocket={folder / 's'}", *options,
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    store = TestStore(ports[6], ports[4])
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                store.make_bucket("ready")
                break
            except BaseError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield store
    finally:
        process.kill()
        process.wait()
