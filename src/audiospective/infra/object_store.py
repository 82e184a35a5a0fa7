"""A file into an S3-compatible bucket: one signed PUT (AWS Signature Version 4), with the file's own hash in the signature.

Signed here in forty lines rather than by boto3 (80 MB with its data, no asyncio): docs/decisions say why.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp

from audiospective.errors import Unavailable

_UPLOAD_S = 900
#: So long after the last byte; others' copies wait behind a store that has the file and says nothing.
_ANSWER_S = 60.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose bucket it is; `endpoint` is https://host, `region` as the store calls it."""

    endpoint: str
    region: str
    bucket: str
    key_id: str
    secret: str = field(repr=False)


async def put(http: aiohttp.ClientSession, there: Credentials, name: str, path: Path, now: datetime) -> None:
    """Store the file under that name; raises Unavailable with a sentence that names no key."""
    digest = await asyncio.to_thread(_sha256, path)
    target = f"/{quote(there.bucket)}/{quote(name)}"
    headers = signed(there, "PUT", target, digest, now) | {"Content-Length": str(path.stat().st_size)}
    try:
        with path.open("rb") as file:
            async with http.put(
                f"{there.endpoint}{target}",
                data=file,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=_UPLOAD_S, sock_connect=10, sock_read=_ANSWER_S),
                allow_redirects=False,
            ) as answer:
                status = answer.status
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        raise Unavailable(f"The store can't be reached ({type(error).__name__}).") from error
    if status != 200:
        raise Unavailable(f"The store answered {status}{_MEANINGS.get(status, '')}.")


_MEANINGS = {403: ": the key may not write there", 404: ": there is no such bucket", 301: ": the bucket is in another region"}


def signed(there: Credentials, method: str, target: str, digest: str, now: datetime) -> dict[str, str]:
    """Headers of a request without a query (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html)."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    named = {"host": urlsplit(there.endpoint).netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(named)
    canonical = "\n".join([method, target, "", *(f"{name}:{value}" for name, value in named.items()), "", names, digest])
    scope = f"{stamp[:8]}/{there.region}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{there.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    authorization = f"AWS4-HMAC-SHA256 Credential={there.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {"Authorization": authorization, "x-amz-content-sha256": digest, "x-amz-date": stamp}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
