"""A stand-in where no artwork is held (imports): a pattern from the thing's own number. Never drawn over real artwork."""

from __future__ import annotations

from markupsafe import Markup


def sleeve(seed: int, *, size: int = 44) -> Markup:
    """A 40 × 40 pattern, the same for the same number."""
    mixed = seed * 2_654_435_761 % 2**32
    first, second = 1 + mixed % 7, 1 + (mixed // 7 + 3) % 7
    second = first % 7 + 1 if second == first else second
    kind = mixed // 64 % 8
    body = f'<rect width="40" height="40" class="k{first}"/>{_pattern(kind, first, second)}'
    return Markup(f'<svg class="sleeve" viewBox="0 0 40 40" width="{size}" height="{size}" aria-hidden="true">{body}</svg>')


def _pattern(kind: int, first: int, second: int) -> str:
    if kind < 3:
        return _lines(kind, second)
    if kind == 3:
        return f'<circle cx="28" cy="14" r="9" class="k{second}"/><path d="M0 30h40v10H0z" class="sleeve-dark"/>'
    if kind == 4:
        return f'<path d="M0 40L40 0v40z" class="k{second}"/><circle cx="12" cy="12" r="5" class="sleeve-light"/>'
    if kind == 5:
        places = ((x, y) for x in (8, 20, 32) for y in (8, 20, 32))
        return "".join(f'<circle cx="{x}" cy="{y}" r="{2 + (x * 3 + y) % 4}" class="k{second}"/>' for x, y in places)
    if kind == 6:
        return f'<path d="M6 40V18a14 14 0 0 1 28 0v22z" class="k{second}"/><path d="M14 40V22a6 6 0 0 1 12 0v18z" class="sleeve-dark"/>'
    return "".join(f'<circle cx="20" cy="20" r="{r}" class="{k}"/>' for r, k in ((14, f"k{second}"), (8, f"k{first}"), (3, "sleeve-light")))


def _lines(kind: int, colour: int) -> str:
    if kind == 0:
        return "".join(f'<circle cx="20" cy="40" r="{r}" class="sleeve-line k{colour}"/>' for r in (8, 15, 22, 29))
    if kind == 1:
        return "".join(f'<path d="M0 {y}q5-5 10 0t10 0 10 0 10 0" class="sleeve-line k{colour}"/>' for y in range(8, 44, 7))
    return "".join(f'<rect x="{x}" y="{x * 7 % 17 + 3}" width="3" height="{34 - x * 5 % 19}" class="k{colour}"/>' for x in range(4, 38, 6))
