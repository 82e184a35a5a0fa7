"""Reads many time stamps at once: fixed-width UTC text to seconds, by column arithmetic."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from audiospective.archive.plays import I8, Bools

#: Where the digits stand in `2024-05-06T18:43:11Z` and, as far as it goes, in `2024-05-06 18:43`.
_DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
#: The same moment as other programs write it, and Spotify once did: fractions, no Z, “UTC” or an offset of nothing.
_OTHERWISE = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]00:?00))?", re.ASCII)


def moments(stamps: Sequence[str], *, length: int) -> tuple[I8, Bools]:
    """Seconds since 1970 of stamps like 2024-05-06T18:43:11Z (`length` 20) or 2024-05-06 18:43 (16), and which of them are such stamps."""
    shaped = [stamp if len(stamp) == length and stamp.isascii() else _retold(stamp, length) for stamp in stamps]
    letters = np.frombuffer("".join(shaped).encode("ascii"), np.uint8).reshape(len(stamps), length)
    digit = letters.astype(np.int64) - ord("0")
    wanted = [place for place in _DIGITS if place < length]
    readable: Bools = np.all((digit[:, wanted] >= 0) & (digit[:, wanted] <= 9), axis=1)
    for place, letter in ((4, "-"), (7, "-"), (13, ":")):
        readable &= letters[:, place] == ord(letter)

    def pair(place: int) -> I8:
        return digit[:, place] * 10 + digit[:, place + 1]

    month = np.where(readable, (pair(0) * 100 + pair(2) - 1970) * 12 + pair(5) - 1, 0)
    day = month.astype("datetime64[M]").astype("datetime64[D]") + np.where(readable, pair(8) - 1, 0)
    second = pair(17) if length > 18 else np.zeros(len(stamps), np.int64)
    readable &= (pair(5) >= 1) & (pair(5) <= 12) & (pair(11) < 24) & (pair(14) < 60) & (second < 60)
    readable &= day.astype("datetime64[M]").astype(np.int64) == month
    seconds: I8 = day.astype("datetime64[s]").astype(np.int64) + pair(11) * 3600 + pair(14) * 60 + second
    return seconds, readable


def _retold(stamp: str, length: int) -> str:
    """A stamp of another shape, as it is usual; question marks where it tells no such moment."""
    told = _OTHERWISE.fullmatch(stamp)
    if told is None or (length > 16 and told[3] is None):
        return "?" * length
    return f"{told[1]} {told[2]}{told[3] or ''}Z"[: length if length > 16 else 16]
