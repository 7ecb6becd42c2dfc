"""A bucket of an S3 store as a place for recordings, by the library obstore (loaded when first needed).

Reading goes by ranges, writing by multipart uploads, which appear whole or not at all. Amazon's reference: "Error
responses", https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from gis.errors import InvalidInput, NotFound, StorageAway
from gis.said import say
from ingest.record.tiers import SegmentReader, check_by_writing

PART_BYTES = 5 << 20  # the smallest part S3 takes
TIMEOUT_S = 30  # for one part or one range
CONNECT_TIMEOUT_S = 5
RETRIES = 2
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3} [A-Za-z ]+)")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def check_address(endpoint: str, bucket: str) -> None:
    """Raises :class:`InvalidInput` for an endpoint that is no http(s) address or a bucket that cannot be one."""
    parts = urlsplit(endpoint)
    try:
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        port_fits = False
    bare = parts.path in ("", "/") and not parts.query and "@" not in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_fits or not bare:
        raise InvalidInput(
            say(
                "s3_no_endpoint",
                "the endpoint '{endpoint}' is no address like https://s3.example.org:9000",
                endpoint=endpoint,
            ),
            "endpoint",
        )
    if not _BUCKET.fullmatch(bucket):
        raise InvalidInput(
            say(
                "s3_no_bucket_name",
                "'{bucket}' cannot be a bucket's name: 3 to 63 of a-z 0-9 . -",
                bucket=bucket,
            ),
            "bucket",
        )


class S3Place:
    """Objects ``prefix`` + path in one bucket. Raises :class:`InvalidInput` for an address that is none."""

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        prefix: str,
        region: str | None,
        access_key: str | None,
        secret: str | None,
    ) -> None:
        check_address(endpoint, bucket)
        self._endpoint = endpoint.rstrip("/")
        self._bucket = bucket
        self._prefix = prefix
        self._region = region
        self._access_key = access_key
        self._secret = secret
        self._made: Any = None

    def _store(self) -> Any:
        if self._made is None:
            from obstore.store import S3Store

            self._made = S3Store(
                self._bucket,
                endpoint=self._endpoint,
                region=self._region or "us-east-1",
                access_key_id=self._access_key or "",
                secret_access_key=self._secret or "",
                virtual_hosted_style_request=False,
                client_options={
                    "allow_http": True,
                    "timeout": timedelta(seconds=TIMEOUT_S),
                    "connect_timeout": timedelta(seconds=CONNECT_TIMEOUT_S),
                },
                retry_config={
                    "max_retries": RETRIES,
                    "retry_timeout": timedelta(seconds=TIMEOUT_S),
                },
            )
        return self._made

    def write(self, path: str, pieces: Iterator[bytes]) -> None:
        with _told(self, "write"):
            self._store().put(
                self._prefix + path, pieces, chunk_size=PART_BYTES, max_concurrency=2,
            )  # fmt: skip

    def open(self, path: str) -> SegmentReader:
        name = self._prefix + path
        with _told(self, "read"):
            try:
                size = self._store().head(name)["size"]
            except FileNotFoundError as error:
                # A HEAD is answered without a body; only a GET tells a missing bucket from a missing object.
                self._missing(name, error)
        return _ObjectReader(self, name, size)

    def _missing(self, name: str, error: FileNotFoundError) -> None:
        try:
            self._store().get_range(name, start=0, length=1)
        except FileNotFoundError as told:
            if "NoSuchBucket" in str(told):
                raise
            raise NotFound(
                say(
                    "s3_no_object",
                    "there is no object '{name}' in the bucket '{bucket}' at {endpoint}",
                    name=name,
                    bucket=self._bucket,
                    endpoint=self._endpoint,
                )
            ) from error

    def read_range(self, name: str, offset: int, length: int) -> bytes:
        """Those bytes of an object."""
        with _told(self, "read"):
            return bytes(self._store().get_range(name, start=offset, length=length))

    def remove(self, path: str) -> None:
        with _told(self, "delete"):
            try:
                self._store().delete(self._prefix + path)
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise

    def check(self) -> None:
        check_by_writing(self, f"the S3 store {self._endpoint}")

    def words(self, error: Exception, doing: str) -> str:
        """What went wrong in one sentence that says what to do."""
        text = str(error)
        found = _CODE.search(text)
        code = found[1] if found else ""
        if code == "InvalidAccessKeyId":
            return say(
                "s3_key_unknown",
                "the S3 store {endpoint} does not know the access key '{key}': enter the keys anew",
                endpoint=self._endpoint,
                key=self._access_key,
            )
        if code == "SignatureDoesNotMatch":
            return say(
                "s3_secret_refused",
                "the S3 store {endpoint} refuses the secret of the access key '{key}': enter the keys anew",
                endpoint=self._endpoint,
                key=self._access_key,
            )
        if code == "NoSuchBucket":
            return say(
                "s3_no_bucket",
                "there is no bucket '{bucket}' at {endpoint}: make it there, or name another",
                bucket=self._bucket,
                endpoint=self._endpoint,
            )
        if code == "AccessDenied" or "403 Forbidden" in text or "401 Unauth" in text:
            return say(
                "s3_forbidden",
                "the S3 store {endpoint} does not let the access key '{key}' {doing} in the bucket '{bucket}': make the bucket, or give it the right to",
                endpoint=self._endpoint,
                key=self._access_key,
                doing=doing,
                bucket=self._bucket,
            )
        status = _STATUS.search(text)
        if code or status:
            return say(
                "s3_answers_other",
                "the S3 store {endpoint} answers {answer}: look at its own log",
                endpoint=self._endpoint,
                answer=code or (status[1].strip() if status else ""),
            )
        reason = text.split("\n", 1)[0].rsplit(" - ", 1)[-1][:200]
        return say(
            "s3_no_answer",
            "the S3 store {endpoint} does not answer: check its address and the network ({error})",
            endpoint=self._endpoint,
            error=reason,
        )


class _told:
    """Turns the library's errors into :class:`StorageAway` with a sentence."""

    def __init__(self, place: S3Place, doing: str) -> None:
        self._place = place
        self._doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from obstore.exceptions import BaseError

        if isinstance(error, BaseError | OSError):
            raise StorageAway(self._place.words(error, self._doing)) from error


class _ObjectReader(SegmentReader):
    def __init__(self, place: S3Place, name: str, size_bytes: int) -> None:
        super().__init__(size_bytes)
        self._place = place
        self._name = name

    def read_at(self, offset: int, length: int) -> bytes:
        length = min(length, self.size_bytes - offset)
        return self._place.read_range(self._name, offset, length) if length > 0 else b""
