"""Draws the sleeves of the invented catalogue: flat, abstract, deterministic by name. PNG by hand, from numpy and zlib.

A style is a function that paints shapes given as signed distances (negative inside) in a square from -1 to 1.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]

#: Background first, then from quiet to loud.
_PALETTES = (
    "0b2f3a 14606b e9dcc3 f2a541 d9482b", "f3e9d8 d8c3a0 2c4f5a e2725b 13293d", "1c1b3a 4b3b78 b76d9c f2b5a7 ffe2c4",
    "e8efe9 9cc0b0 3b7a6b f0c55a 24403a", "25161b 6b2737 c8553d f28f3b ffd5ad", "dfe7ef 8fb0d3 3c6997 f6ae2d 1b2a41",
    "101820 2f4858 86bbd8 f6ae2d f26419", "fbf3ea f4a79d cf5c78 5b2a5f 20133a", "05202b 0a5c63 34a29a f6d27a f06d4f",
    "ecebe4 c9ccb8 7b8c69 d98e4a 3a3d34", "191919 5c5c5c bdbdb7 e8e4da e4572e", "fff1d0 f6aa1c bc3908 621708 220901",
    "e6e1f2 b5a5d8 6f58a8 ff9b85 2a1e4d", "0d1b2a 1b4965 5fa8d3 cae9ff ffb703", "f0ede5 e07a5f 81b29a f2cc8f 3d405b",
)  # fmt: skip


class _Canvas:
    """A square of `width` pixels to paint shapes on; `soft` is half a pixel in units of the square, for smooth edges."""

    def __init__(self, width: int, ground: Field) -> None:
        line = ((np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1).astype(np.float32)
        self.x, self.y = np.meshgrid(line, line)
        self._soft = 1.0 / width
        self.pixels = np.broadcast_to(ground, (width, width, 3)).astype(np.float32)

    def paint(self, distance: Field, colour: Field, opacity: float = 1.0) -> None:
        """Lay a colour over all that lies inside."""
        cover = np.clip(0.5 - distance / (2 * self._soft), 0, 1)[..., None] * opacity
        self.pixels += (colour - self.pixels) * cover

    def disc(self, x: float, y: float, radius: float) -> Field:
        """A circle's distance."""
        return np.asarray(np.hypot(self.x - x, self.y - y) - radius, dtype=np.float32)

    def box(self, x: float, y: float, half_width: float, half_height: float) -> Field:
        """An upright rectangle's distance, given its middle."""
        return np.asarray(np.maximum(np.abs(self.x - x) - half_width, np.abs(self.y - y) - half_height), dtype=np.float32)


def draw(name: str, width: int) -> bytes:
    """The picture of that name as a PNG of `width` × `width` pixels; the same name is the same picture at every width."""
    dice = random.Random(int(name, 16) if _is_hexadecimal(name) else name)
    colours = [np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)], dtype=np.float32) for text in dice.choice(_PALETTES).split()]
    rest = colours[1:]
    dice.shuffle(rest)
    canvas = _Canvas(width, colours[0])
    dice.choice(_STYLES)(canvas, rest, dice)
    return _png(np.clip(canvas.pixels + 0.5, 0, 255).astype(np.uint8))


def _is_hexadecimal(name: str) -> bool:
    return bool(name) and all(letter in "0123456789abcdefABCDEF" for letter in name)


def _sun(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """A disc over a horizon, mirrored in bars of water."""
    horizon, x, radius = dice.uniform(0.1, 0.45), dice.uniform(-0.35, 0.35), dice.uniform(0.35, 0.6)
    canvas.paint(canvas.disc(x, horizon - dice.uniform(0.0, 0.35), radius), colours[0])
    canvas.paint(horizon - canvas.y, colours[1])
    for step in range(dice.randint(4, 7)):
        y = horizon + 0.07 + step * 0.12
        canvas.paint(canvas.box(x, y, radius * (0.95 - step * 0.11), 0.012 + step * 0.004), colours[0])


def _hills(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """Ranges of hills, one before the other."""
    canvas.paint(canvas.disc(dice.uniform(-0.5, 0.5), dice.uniform(-0.55, -0.2), dice.uniform(0.16, 0.32)), colours[3])
    for layer in range(4):
        base, slope = -0.1 + layer * 0.27, dice.uniform(1.2, 2.6)
        phase, swing = dice.uniform(0, 6.3), dice.uniform(0.08, 0.2)
        ridge = base + swing * np.sin(canvas.x * slope + phase) + swing * 0.4 * np.sin(canvas.x * slope * 2.7 + phase * 2)
        canvas.paint(np.asarray(ridge - canvas.y, dtype=np.float32), colours[layer % 3])


def _arcs(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """Rings around a corner or an edge."""
    x, y = dice.choice(((-1, 1), (1, 1), (0, 1), (-1, -1), (1, -1), (0, 0)))
    rings = dice.randint(4, 7)
    reach = 0.95 if (x, y) == (0, 0) else dice.uniform(1.5, 1.9)
    for ring in range(rings):
        canvas.paint(canvas.disc(x, y, reach * (1 - ring / rings)), colours[ring % 4])


def _tiles(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """A grid of quarter circles and half tiles."""
    count = dice.choice((3, 4, 5))
    size = 2 / count
    for row in range(count):
        for column in range(count):
            left, top = column * size - 1, row * size - 1
            tile = canvas.box(left + size / 2, top + size / 2, size / 2, size / 2)
            first, second = dice.sample(colours, 2)
            canvas.paint(tile, first, 1.0 if dice.random() < 0.6 else 0.0)
            corner_x, corner_y = left + size * dice.randint(0, 1), top + size * dice.randint(0, 1)
            canvas.paint(np.maximum(tile, canvas.disc(corner_x, corner_y, size * dice.choice((1.0, 1.0, 0.5)))), second)


def _discs(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """Large translucent discs that overlap."""
    for number in range(dice.randint(3, 5)):
        x, y = dice.uniform(-0.6, 0.6), dice.uniform(-0.6, 0.6)
        canvas.paint(canvas.disc(x, y, dice.uniform(0.3, 0.72)), colours[number % 4], 0.82)


def _waves(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """Bands that swing together."""
    bands, slope, tilt = dice.randint(6, 10), dice.uniform(2.0, 4.5), dice.uniform(-0.35, 0.35)
    phase, swing = dice.uniform(0, 6.3), dice.uniform(0.08, 0.2)
    line = canvas.y + tilt * canvas.x + swing * np.sin(canvas.x * slope + phase)
    for band in range(bands):
        canvas.paint(np.asarray(-0.9 + band * 2.0 / bands - line, dtype=np.float32), colours[band % 4])


def _stripes(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """Slanting stripes, cut by a disc that shows them shifted."""
    angle, count = dice.uniform(0.3, 1.3), dice.uniform(2.5, 5)
    along = canvas.x * np.cos(angle) + canvas.y * np.sin(angle)
    stripes = np.asarray((np.abs((along * count) % 1 - 0.5) - 0.25) / count, dtype=np.float32)
    canvas.paint(stripes, colours[0])
    disc = canvas.disc(dice.uniform(-0.2, 0.2), dice.uniform(-0.2, 0.2), dice.uniform(0.45, 0.65))
    canvas.paint(disc, colours[1])
    canvas.paint(np.maximum(disc, -stripes), colours[2])


def _dots(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """A screen of dots that grow towards a light."""
    count = dice.randint(9, 13)
    light_x, light_y = dice.uniform(-0.8, 0.8), dice.uniform(-0.8, 0.8)
    canvas.paint(canvas.y * dice.choice((-1, 1)) - dice.uniform(-0.2, 0.3), colours[1])
    cell_x, cell_y = np.floor((canvas.x + 1) / 2 * count), np.floor((canvas.y + 1) / 2 * count)
    middle_x, middle_y = (cell_x + 0.5) / count * 2 - 1, (cell_y + 0.5) / count * 2 - 1
    radius = np.clip(1.15 - 0.55 * np.hypot(middle_x - light_x, middle_y - light_y), 0.06, 0.95) / count
    canvas.paint(np.asarray(np.hypot(canvas.x - middle_x, canvas.y - middle_y) - radius, dtype=np.float32), colours[0])


def _blocks(canvas: _Canvas, colours: list[Field], dice: random.Random) -> None:
    """A still life of upright blocks on a table, one with a round top."""
    table = dice.uniform(0.45, 0.7)
    canvas.paint(table - canvas.y, colours[3])
    x = -0.78
    while x < 0.75:
        half, height = dice.uniform(0.07, 0.2), dice.uniform(0.3, 1.25)
        colour = colours[dice.randrange(3)]
        canvas.paint(canvas.box(x + half, table - height / 2, half, height / 2), colour)
        if dice.random() < 0.4:
            canvas.paint(np.maximum(canvas.disc(x + half, table - height, half), canvas.y - (table - height) - 0.01), colour)
        x += 2 * half + dice.uniform(0.02, 0.12)


_STYLES: tuple[Callable[[_Canvas, list[Field], random.Random], None], ...] = (
    _sun,
    _hills,
    _arcs,
    _tiles,
    _discs,
    _waves,
    _stripes,
    _dots,
    _blocks,
)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """8-bit truecolour, each line given as its difference from the line above: flat pictures shrink to a few kilobytes."""
    height, width, _ = pixels.shape
    lines = pixels.reshape(height, width * 3)
    differences = np.diff(lines, axis=0, prepend=np.zeros((1, width * 3), dtype=np.uint8))
    filtered = np.concatenate([np.full((height, 1), 2, dtype=np.uint8), differences], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 6))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + content + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
