"""`export`: everything out, to a file or to another program."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.endings import say
from audiospective.cli.session import somebody, with_parts
from audiospective.errors import Invalid
from audiospective.export import run
from audiospective.infra.language import ENGLISH, language, speaking
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from audiospective.privacy import takeout


def export(
    *,
    user: str,
    fmt: Annotated[str, Parameter(name="--format")] = "csv",
    spelling: Annotated[str, Parameter(name="--range")] = "all",
    out: Path | None = None,
    gdpr: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Write every play of a range, never cut; to stdout unless --out names a file.

    Example: `audiospective export --user mara --format csv --out plays.csv`

    Parameters
    ----------
    user
        Whose plays.
    fmt
        csv, json, spotify, listenbrainz, parquet or reading-copy; docs/exports.md says what each carries.
    spelling
        1d 7d 30d 90d 365d all, 2024, 2024-03 or 2024-01-01..2024-03-31.
    out
        The file to write; it appears when it is whole.
    gdpr
        A zip of everything that is held about the listener, instead of plays.
    """
    chosen = run.parse_format(fmt)

    async def work(parts: Parts) -> int:
        now, size = parts.clock.now(), 0
        async with parts.db.reading() as conn:
            person = await somebody(conn, user)
            zone = Zone.named(person.time_zone)
            plays = run.stream(conn, person.id, zone, parse(spelling, now, zone), fmt=chosen, now=now)
            with _target(out) as target, speaking(language(person.language) or ENGLISH):
                async for piece in takeout.zipped(conn, person.id, zone, now) if gdpr else plays:
                    target.write(piece)
                    size += len(piece)
        return size

    size = with_parts(work)
    if out is not None:
        say(f"Wrote {out}, {size:,} bytes.")


@contextlib.contextmanager
def _target(out: Path | None) -> Iterator[BinaryIO]:
    """stdout, or a file that is there whole or not at all."""
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    half = out.with_name(f".{out.name}.part")
    try:
        with half.open("wb") as file:
            yield file
        half.replace(out)
    except OSError as error:
        raise Invalid(f"{out} can't be written ({os.strerror(error.errno or 0)}); name another file.", field="--out") from error
    finally:
        half.unlink(missing_ok=True)
