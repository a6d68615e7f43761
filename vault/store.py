"""S3: objects in and out as streams. The only module that knows boto3.

Parts go up in a few threads while the next is made, and ranges come down ahead of the reader, each
with a bounded number in flight: memory stays constant however large the object.
"""

from __future__ import annotations

import ctypes
import io
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import NotFound, Unavailable
from core.language import say

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART = 8 * 1024 * 1024  # bytes; S3's least is 5 MiB
IN_FLIGHT = 4


ANSWERS_WITHIN = 3  # seconds; a store that takes longer counts as away


@dataclass(frozen=True)
class Object:
    """What the store knows of an object: its key, size in bytes, and when it was written (naive UTC)."""

    key: str
    size: int
    written_at: datetime


class Store:
    """One bucket. Raises Unavailable when it does not answer, NotFound for an object that is not there."""

    def __init__(
        self, *, endpoint: str, access_key: str, secret_key: str, bucket: str, region: str, local: Path | None = None
    ) -> None:
        self.bucket = bucket
        self.place = str(local) if local else f"s3://{bucket} {endpoint or region}"
        self._local = local
        config = Config(
            signature_version="s3v4",
            max_pool_connections=32,
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 3, "mode": "standard"},
            # What we store is authenticated by its encryption; a second checksum costs a tenth.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            # Nor is it signed where nobody stands between: a hash of it here and another one there.
            s3={"addressing_style": "path", "payload_signing_enabled": not (local or _is_tls(endpoint))},
        )
        self._connect: Callable[[Config], S3Client] = lambda config: boto3.client(
            "s3",
            endpoint_url=endpoint or None,
            # Without a key AWS's own chain is asked: environment, profile, the instance's role.
            aws_access_key_id=access_key or None,
            aws_secret_access_key=secret_key or None,
            region_name=region or None,
            config=config,
        )
        self._client = self._connect(config)
        self._impatient = config.merge(
            Config(connect_timeout=ANSWERS_WITHIN, read_timeout=ANSWERS_WITHIN, retries={"total_max_attempts": 1})
        )
        self._asking: S3Client | None = None

    @property
    def is_local(self) -> bool:
        """Whether its objects lie on our own disk."""
        return self._local is not None

    def make_bucket(self) -> None:
        """Make the bucket unless it is there."""
        with _spoken():
            try:
                self._client.head_bucket(Bucket=self.bucket)
            except ClientError as error:
                if _status(error) != 404:
                    raise
                self._client.create_bucket(Bucket=self.bucket)

    def writer(self, key: str) -> Writer:
        """A stream into a new object; nothing is there before its `commit`."""
        return Writer(self._client, self.bucket, key, look_first=self._local is None)

    def reader(self, key: str, size: int) -> io.RawIOBase:
        """A stream of the object's `size` bytes."""
        return _Reader(self._client, self.bucket, key, size)

    def size(self, key: str) -> int:
        """The object's size in bytes."""
        with _spoken():
            return int(self._client.head_object(Bucket=self.bucket, Key=key)["ContentLength"])

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is fine."""
        with _spoken():
            self._client.delete_object(Bucket=self.bucket, Key=key)

    def listed(self, prefix: str = "") -> Iterator[Object]:
        """Every object whose key begins with `prefix`."""
        with _spoken():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
                for found in page.get("Contents", []):
                    yield Object(found["Key"], found["Size"], found["LastModified"].replace(tzinfo=None))

    def abort_unfinished(self, before: datetime) -> int:
        """Give up multipart uploads that were begun before `before` (naive UTC); how many."""
        count = 0
        with _spoken():
            for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket):
                for upload in page.get("Uploads", []):
                    if upload["Initiated"].replace(tzinfo=None) < before:
                        self._client.abort_multipart_upload(
                            Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )
                        count += 1
        return count

    def make_lasting(self) -> None:
        """Bring what was written onto the disk, where the store is ours and does not do it itself.

        SeaweedFS does not fsync; one syncfs after a PUT covers data, index and names (0.3 to 2 ms).
        """
        if self._local is None:
            return
        if sys.platform != "linux":
            os.sync()
            return
        descriptor = os.open(self._local, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
                number = ctypes.get_errno()
                raise Unavailable(say("The disk does not take what is written: {reason}.", reason=os.strerror(number)))
        finally:
            os.close(descriptor)

    def answers(self) -> bool:
        """Whether the bucket can be asked now."""
        # By a client of its own: one that hangs would be waited for three minutes otherwise.
        self._asking = self._asking or self._connect(self._impatient)
        try:
            self._asking.head_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError):
            return False
        return True


class Writer(io.RawIOBase):
    """Bytes into one object: small ones in one piece, large ones in parts sent while more come."""

    def __init__(self, client: S3Client, bucket: str, key: str, *, look_first: bool) -> None:
        self._client = client
        self._where: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._look_first = look_first
        self._pieces: list[bytes] = []  # not yet sent, joined once a part
        self._waiting = 0  # bytes in _pieces
        self._upload: str | None = None
        self._sent: list[Future[dict[str, Any]]] = []
        self._pool: ThreadPoolExecutor | None = None
        self.size = 0

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; waits while enough parts are under way."""
        piece = bytes(data)  # which copies nothing when it is bytes already
        self.size += len(piece)
        self._pieces.append(piece)
        self._waiting += len(piece)
        while self._waiting >= PART:
            whole = b"".join(self._pieces)
            self._pieces, self._waiting = [whole[PART:]], self._waiting - PART
            self._send(whole[:PART])
        return len(piece)

    def commit(self) -> None:
        """Finish: from here on the object is there, whole. Refuses to replace one that is."""
        with _spoken():
            self._refuse_there()
            if self._upload is None:
                self._client.put_object(**self._where, Body=b"".join(self._pieces), IfNoneMatch="*")
                return
            if self._waiting:
                self._send(b"".join(self._pieces))
            parts = [part.result() for part in self._sent]
            self._client.complete_multipart_upload(
                **self._where,
                UploadId=self._upload,
                MultipartUpload={"Parts": parts},  # type: ignore[typeddict-item]
                IfNoneMatch="*",
            )
            self._close_pool()

    def _refuse_there(self) -> None:
        """Not every S3 store keeps to If-None-Match (rclone's does not, measured): one elsewhere is asked before."""
        if not self._look_first:
            return
        try:
            self._client.head_object(**self._where)
        except ClientError as error:
            if _status(error) == 404:
                return
            raise
        raise Unavailable(say("This object is in the document store already. Nothing is written over it."))

    def abandon(self) -> None:
        """Give up: nothing of it stays. What a silent store keeps of it is swept later."""
        self._close_pool()
        if self._upload is not None:
            with suppress(BotoCoreError, ClientError):
                self._client.abort_multipart_upload(**self._where, UploadId=self._upload)

    def _send(self, part: bytes) -> None:
        with _spoken():
            if self._upload is None:
                self._upload = self._client.create_multipart_upload(**self._where)["UploadId"]
                self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="part")
            if len(self._sent) >= IN_FLIGHT:
                self._sent[-IN_FLIGHT].result()
            if self._pool is not None:
                self._sent.append(self._pool.submit(self._put, len(self._sent) + 1, part))

    def _put(self, number: int, part: bytes) -> dict[str, Any]:
        answer = self._client.upload_part(**self._where, UploadId=str(self._upload), PartNumber=number, Body=part)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _close_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class _Reader(io.RawIOBase):
    """Ranges of an object, fetched ahead of whoever reads."""

    def __init__(self, client: S3Client, bucket: str, key: str, size: int) -> None:
        self._client = client
        self._where: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._size = size
        self._asked = 0
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="range")
        self._coming: deque[Future[bytes]] = deque()
        self._piece = memoryview(b"")
        self._ask()

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; empty at the end."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(PART), b""))
        if not self._piece:
            if not self._coming:
                return b""
            with _spoken():
                self._piece = memoryview(self._coming.popleft().result())
            self._ask()
        taken, self._piece = self._piece[:size], self._piece[size:]
        return bytes(taken)

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as a piece goes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of what is under way."""
        if not self.closed:
            self._pool.shutdown(wait=False, cancel_futures=True)
        super().close()

    def _ask(self) -> None:
        while self._asked < self._size and len(self._coming) < IN_FLIGHT:
            end = min(self._asked + PART, self._size)
            self._coming.append(self._pool.submit(self._fetch, self._asked, end))
            self._asked = end

    def _fetch(self, start: int, end: int) -> bytes:
        answer = self._client.get_object(**self._where, Range=f"bytes={start}-{end - 1}")
        return answer["Body"].read()


def _is_tls(endpoint: str) -> bool:
    return not endpoint or endpoint.startswith("https:")


@contextmanager
def _spoken() -> Iterator[None]:
    """Errors of the store as errors of the domain."""
    try:
        yield
    except ClientError as error:
        if _status(error) == 404:
            raise NotFound(say("This object is not in the document store.")) from error
        raise Unavailable(
            say(
                "The document store refused: {reason}. Try again; tell your administrator if it stays.",
                reason=str(error),
            )
        ) from error
    except (BotoCoreError, OSError) as error:
        raise Unavailable(
            say("The document store does not answer. Try again in a moment; tell your administrator if it stays.")
        ) from error


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
