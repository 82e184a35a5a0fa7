"""What time does an official export cover? Pure: what files say in, stretches without a hole out.

Spotify's packages tell everything from their first row to their last; a file of them, that of its own rows. Files of one package
follow each other (spotify-api.md §6), so a short silence between two is nobody's loss, while a long one may be a file that is missing.
Other trackers' files prove nothing: their trackers may have missed plays.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from audiospective.archive.proofs import Stretch, joined
from audiospective.collect.imports.columns import ParsedFile
from audiospective.collect.imports.detect import Format

#: A silence between two files of one package, longer than which a file may be missing.
BETWEEN_FILES: Final = timedelta(days=31)

_OFFICIAL = frozenset([Format.EXTENDED, Format.ACCOUNT])
#: The first play of a file was heard in the second, or the minute, before its stamp.
_BEFORE = timedelta(minutes=1)


def covers(fmt: Format, parsed: ParsedFile) -> Stretch | None:
    """The time that one file covers; None for other trackers' files and empty ones."""
    if fmt not in _OFFICIAL or not len(parsed.listens):
        return None
    first, last = int(parsed.listens.ended_at.min()), int(parsed.listens.ended_at.max())
    return Stretch(_moment(first) - _BEFORE, _moment(last))


def covered(spans: Sequence[tuple[Format, Stretch]]) -> list[Stretch]:
    """The time that the files of an import cover together."""
    whole: list[Stretch] = []
    for fmt in _OFFICIAL:
        apart = joined(span for one, span in spans if one == fmt)
        bridges = [
            Stretch(earlier.till_at, later.from_at)
            for earlier, later in itertools.pairwise(apart)
            if later.from_at - earlier.till_at <= BETWEEN_FILES
        ]
        whole += joined([*apart, *bridges])
    return joined(whole)


def _moment(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
