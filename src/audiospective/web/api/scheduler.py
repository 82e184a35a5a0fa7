"""The outside scheduler's two doors (contract.md §4): only with its signature, or not at all."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import post
from litestar.types import ControllerRouterHandler

from audiospective.bootstrap import Parts
from audiospective.collect import summons
from audiospective.errors import TooLarge, Unavailable
from audiospective.infra.signed_calls import HEADER, SignedCall, checked
from audiospective.web.visitor import Asked, WithParts

_CRON: Final = "/api/cron/archive"
_BATCH: Final = "/api/queue/archive-batch"
_MOST_BYTES: Final = 64 * 1024


class CronAnswer(msgspec.Struct, rename="camel", frozen=True):
    """What the call set going; `duplicate` when it had been carried out before."""

    success: bool
    batch_count: int
    user_count: int
    total_active_users: int
    filtered_out: int
    duplicate: bool = False


class BatchCounts(msgspec.Struct, rename="camel", frozen=True):
    """People by what came of them."""

    successful: int
    skipped: int
    failed: int


class BatchAnswer(msgspec.Struct, rename="camel", frozen=True):
    """What one batch came to; `duration` in ms."""

    success: bool
    batch_number: int
    total_batches: int
    results: BatchCounts
    duration: int
    duplicate: bool = False


class Batch(msgspec.Struct, rename="camel", frozen=True):
    """Which batch a call is for; both are told for the log alone, since a batch takes whoever is due."""

    batch_number: int = 1
    total_batches: int = 1


@post(_CRON, status_code=200)
async def cron(request: Asked, parts: WithParts) -> CronAnswer:
    """Sweep everyone who is due."""
    call, _ = await _signed(request, parts, _CRON)
    now = parts.clock.now()
    async with parts.db.transaction() as conn:
        is_first = await summons.is_first(conn, call, now)
        found = await summons.due(conn, now)
    told = CronAnswer(True, found.batches, found.due, found.active, found.active - found.due)
    if not is_first:
        return CronAnswer(True, 0, 0, found.active, found.active, duplicate=True)
    scheduler = parts.settings.scheduler
    if scheduler.can_publish and found.batches > 1:
        await summons.publish(parts.spotify.http, scheduler, f"{parts.settings.app_url}{_BATCH}", found.batches)
    else:
        await summons.sweep_all(parts.db, parts.spotify, parts.sealer, parts.clock)
    return told


@post(_BATCH, status_code=200)
async def batch(request: Asked, parts: WithParts) -> BatchAnswer:
    """Sweep as many of them as one call takes."""
    call, body = await _signed(request, parts, _BATCH)
    which = msgspec.json.decode(body or b"{}", type=Batch)
    async with parts.db.transaction() as conn:
        is_first = await summons.is_first(conn, call, parts.clock.now())
    if not is_first:
        return BatchAnswer(True, which.batch_number, which.total_batches, BatchCounts(0, 0, 0), 0, duplicate=True)
    done = await summons.sweep_batch(parts.db, parts.spotify, parts.sealer, parts.clock)
    counts = BatchCounts(done.successful, done.skipped, done.failed)
    return BatchAnswer(True, which.batch_number, which.total_batches, counts, done.ms)


async def _signed(request: Asked, parts: Parts, path: str) -> tuple[SignedCall, bytes]:
    """The call and its body; raises Unavailable without keys, so that there is no way in without a signature."""
    keys = parts.settings.scheduler.signing_keys
    if not keys:
        raise Unavailable("No outside scheduler is set up here: QSTASH_CURRENT_SIGNING_KEY and QSTASH_NEXT_SIGNING_KEY are missing.")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise TooLarge(f"A call of the scheduler may have {_MOST_BYTES // 1024} kB at most.")
    signatures = request.headers.getall(HEADER, [])
    url = f"{parts.settings.app_url}{path}"
    return checked(signatures, body, keys=[key.reveal() for key in keys], url=url, now=parts.clock.now()), body


routes: tuple[ControllerRouterHandler, ...] = (cron, batch)
