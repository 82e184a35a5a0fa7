"""Styles and scripts: in their layers, of tokens, without what nobody uses; every colour readable where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src" / "audiospective" / "web"
CSS = WEB / "static" / "css"
SHEETS = sorted(CSS.rglob("*.css"))
TOKENS = (CSS / "tokens.css").read_text("utf-8")
#: Where a class can be named: markup, the charts that draw it, the scripts that set it.
_NAMING = "\n".join(
    path.read_text("utf-8")
    for folder, ending in (("templates", "*.html"), ("charts", "*.py"), ("views", "*.py"), ("static/js", "*.js"))
    for path in sorted((WEB / folder).rglob(ending))
)
_THEMES = ("light", "dark")


def bare(css: str) -> str:
    """Without comments and addresses."""
    return re.sub(r"/\*.*?\*/|url\([^)]*\)", "", css, flags=re.DOTALL)


def selectors(path: Path) -> str:
    """All that stands before a brace."""
    return " ".join(re.findall(r"([^{};]+)\{", bare(path.read_text("utf-8"))))


def colour(name: str, theme: str) -> tuple[float, ...]:
    """A token's red, green and blue from 0 to 1."""
    found = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+))", TOKENS)
    assert found, f"--{name} is a token"
    written = found[3] or found[1 + _THEMES.index(theme)]
    return tuple(int(written[place : place + 2], 16) / 255 for place in (1, 3, 5))


def brightness(rgb: tuple[float, ...]) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, theme: str) -> float:
    """Contrast ratio of two tokens, 1 to 21."""
    darker, lighter = sorted(brightness(colour(name, theme)) for name in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_layers_are_named_before_all_else() -> None:
    assert TOKENS.splitlines()[0] == "@layer reset, tokens, base, components, pages;"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_rule_stands_in_a_layer(path: Path) -> None:
    depth, outside = 0, ""
    for sign in re.sub(r"@font-face\s*\{[^}]*\}|@layer [^;{]*;", "", bare(path.read_text("utf-8"))):
        depth += (sign == "{") - (sign == "}")
        outside += sign if depth == 0 else ""
    assert depth == 0
    assert set(re.findall(r"[\w@.-]+", outside)) <= {"@layer", "tokens", "base", "components", "pages"}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_nothing_is_styled_by_its_id_or_by_force(path: Path) -> None:
    assert re.findall(r"#[a-zA-Z][\w-]*", selectors(path)) == []
    forced = [line for line in path.read_text("utf-8").splitlines() if "!important" in line]
    assert [line for line in forced if "[hidden]" not in line and "animation" not in line] == []


def test_every_class_that_is_styled_is_used() -> None:
    styled = {name for path in SHEETS for name in re.findall(r"\.([a-z][\w-]*)", selectors(path))}
    assert sorted(name for name in styled if not is_named(name)) == []


def is_named(name: str) -> bool:
    """In full, or as a stem with a value behind it: `q{{ shade }}`, `banner-{{ kind }}`, `list-{kind}`."""
    stem = re.escape(re.sub(r"(?<=-)[a-z]+$|\d+$", "", name))
    return bool(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])|(?<![\w-]){stem}\{{", _NAMING))


def test_every_token_that_is_used_is_there_and_none_is_idle() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SHEETS)
    made, used = set(re.findall(r"(--[\w-]+):", text)), set(re.findall(r"var\((--[\w-]+)", text))
    assert sorted(used - made) == []
    assert sorted(made - used) == []


@pytest.mark.parametrize("theme", _THEMES)
@pytest.mark.parametrize("ground", ["page", "sheet", "well"])
@pytest.mark.parametrize("ink", ["ink", "ink-2", "petrol", "ember", "good", "warn", "bad"])
def test_words_can_be_read(ink: str, ground: str, theme: str) -> None:
    assert contrast(ink, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", _THEMES)
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("deck-ink", "deck"),
        ("deck-ink-2", "deck"),
        ("deck-ink-2", "deck-2"),
        ("on-petrol", "petrol"),
        ("ink", "warn-wash"),
        ("ink", "good-wash"),
    ],
)
def test_words_on_colour_can_be_read(ink: str, ground: str, theme: str) -> None:
    assert contrast(ink, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", _THEMES)
@pytest.mark.parametrize("mark", ["q3", "q4", "q5", "ember-fill", "line-strong", "focus"])
def test_marks_can_be_told_from_their_ground(mark: str, theme: str) -> None:
    assert contrast(mark, "sheet", theme) >= 3


@pytest.mark.parametrize("theme", _THEMES)
def test_more_is_always_further_from_the_ground(theme: str) -> None:
    steps = [contrast(f"q{step}", "sheet", theme) for step in range(6)]
    assert steps == sorted(steps)
