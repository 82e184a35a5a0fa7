"""Sleeves: real PNGs, always the same, never too big, no two alike."""

from __future__ import annotations

import struct
import zlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.simulator.catalogue import catalogue
from audiospective.simulator.covers import draw


@cache
def names() -> list[str]:
    """Of the first forty; asked by the tests, since whoever only collects them needs no catalogue."""
    return [album.cover for album in catalogue().albums[:40]]


def chunks(picture: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG by kind, their checksums held against them."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    found, at = {}, 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        found[kind], at = content, at + 12 + length
    return found


@pytest.mark.parametrize("width", [64, 300, 640])
def test_a_sleeve_is_a_whole_png_of_its_width(width: int) -> None:
    parts = chunks(draw(names()[0], width))
    assert struct.unpack(">II", parts[b"IHDR"][:8]) == (width, width)
    assert len(zlib.decompress(parts[b"IDAT"])) == width * (width * 3 + 1)
    assert parts[b"IEND"] == b""


@given(st.deferred(lambda: st.sampled_from(names())))
def test_the_same_name_is_the_same_picture(name: str) -> None:
    assert draw(name, 64) == draw(name, 64)


def test_no_two_records_look_alike() -> None:
    assert len({draw(name, 64) for name in names()}) == len(names())


def test_no_sleeve_is_heavy() -> None:
    assert max(len(draw(name, 640)) for name in names()[:4]) < 200_000


@given(st.text(max_size=30))
def test_any_name_has_a_picture(name: str) -> None:
    assert chunks(draw(name, 64))
