"""Brings `locales/*.po` in step with the texts of the code: `make words` adds what is new, drops what is gone, and says what is untold."""

from __future__ import annotations

import ast
import io
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

SOURCE = Path(__file__).parents[1] / "src" / "audiospective"
LOCALES = SOURCE / "locales"
LANGUAGES = ("de", "es", "ja")

_KEYWORDS = {"say": None, "say_html": None, "mark": None, "mark_many": (1, 2), "say_many": (2, 3), "say_many_html": (2, 3)}
#: Rooms that speak English to everybody.
_ENGLISH = frozenset({"cli", "simulator"})
#: Rooms whose errors and reasons reach people; web/retold.py tells them. Which argument of a call is the text.
_ROOMS = ("accounts", "archive", "collect", "export", "insights", "privacy", "reports", "spotify", "web")
_SAID_BY = {"Reject": 2, "Holding": 2, "Rule": 2} | dict.fromkeys(
    ("Invalid", "NotSignedIn", "NotAllowed", "NotFound", "Conflict", "TooLarge", "RateLimited", "Unavailable", "Revoked", "Unreachable"), 0
)
_SAID_TO_PROGRAMS = frozenset(
    {"scheduler.py", "operators.py", "listenbrainz.py", "audioscrobbler.py", "scrobbles.py", "summons.py", "images.py", "calendar.py"}
) | {"live.py", "envelope.py", "vitals.py"}
_OF_OPERATORS = "ops"
_IN_TEMPLATES = ("_", "gettext", "ngettext")


def texts() -> Catalog:
    """Every text of the code, templates included, with its plural."""
    catalogue = Catalog(fuzzy=False)
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] in _ENGLISH:
            continue
        source = path.read_bytes()
        if any(f"{keyword}(".encode() in source for keyword in _KEYWORDS):  # reading takes babel ten times as long
            for _, found, _, _ in extract("python", io.BytesIO(source), keywords=_KEYWORDS):
                catalogue.add(found)
    pages = ((SOURCE / "web" / "templates").rglob("*.html"), (SOURCE / "reports").glob("*.html"), (SOURCE / "export").rglob("*.html"))
    for path in sorted(chain.from_iterable(pages)):
        options = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
        for _, _, said, _ in babel_extract(io.BytesIO(path.read_bytes()), _IN_TEMPLATES, [], options):
            catalogue.add(_text(said), flags=["python-format"])
    for text in said_below():
        catalogue.add(text)
    return catalogue


def said_below() -> Iterator[str]:
    """What rooms say in errors and reasons: “{name}” isn't here."""
    for room in _ROOMS:
        for path in sorted((SOURCE / room).rglob("*.py")):
            if path.name not in _SAID_TO_PROGRAMS and not path.name.startswith(_OF_OPERATORS):
                yield from filter(None, map(_said, ast.walk(ast.parse(path.read_text("utf-8")))))


def _said(node: ast.AST) -> str:
    """The text of an error, a reason or an assigned message; "" for everything else."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=args) if name in _SAID_BY and len(args) > _SAID_BY[name]:
            return _written(args[_SAID_BY[name]])
        case ast.Assign(targets=[ast.Name(id="message" | "says")], value=value):
            return _written(value)
    return ""


def _written(node: ast.expr) -> str:
    """A text as it stands, with holes where values go, named for what is put there."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = [str(one.value) if isinstance(one, ast.Constant) else "" for one in node.values]
    names = iter(_unique(_name(one.value) for one in node.values if isinstance(one, ast.FormattedValue)))
    return "".join(part or f"{{{next(names)}}}" for part in parts)


def _name(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name | ast.Attribute):
        return (node.id if isinstance(node, ast.Name) else node.attr).strip("_").lower()
    return "value"


def _unique(names: Iterator[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}{seen[name]}"


def catalogue(language: str) -> Catalog:
    """What is told in this language."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def untold(one: Catalog) -> Iterator[Message]:
    """Texts without a translation, or with one that lacks a form."""
    for message in one:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (not all(forms) or (message.pluralizable and len(forms) != one.num_plurals)):
            yield message


def renewed(language: str) -> Catalog:
    """The catalogue with the texts of today: told ones as they were, new ones empty."""
    old, new = catalogue(language), Catalog(locale=language, fuzzy=False, charset="utf-8")
    for message in texts():
        if message.id:
            before = old.get(message.id)
            new.add(message.id, before.string if before else "", flags=message.flags)
    return new


def write(language: str, one: Catalog) -> None:
    """In order of the texts and without places, so that two who add texts seldom touch the same line."""
    out = io.BytesIO()
    write_po(out, one, width=0, no_location=True, sort_output=True, omit_header=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += f'"Plural-Forms: {one.plural_forms}\\n"\n\n'
    (LOCALES / f"{language}.po").write_bytes(head.encode() + out.getvalue())


def main() -> int:
    """Renew all; 1 if something is untold."""
    missing = 0
    for language in LANGUAGES:
        now = renewed(language)
        write(language, now)
        for message in untold(now):
            missing += 1
            print(f"{language}.po lacks: {message.id}", file=sys.stderr)
    return 1 if missing else 0


def _text(found: object) -> str | tuple[str, str]:
    """The text, or its two forms, as the extractor of templates gives them: with None for what isn't a text."""
    if isinstance(found, tuple):
        forms = [one for one in found if isinstance(one, str)]
        return (forms[0], forms[1]) if len(forms) > 1 else forms[0]
    return str(found)


if __name__ == "__main__":
    sys.exit(main())
