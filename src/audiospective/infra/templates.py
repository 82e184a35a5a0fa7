"""Templates of every room: all is escaped, texts are in the language that is spoken, a name that isn't there is an error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from audiospective.infra.language import gettext, ngettext

if TYPE_CHECKING:
    from jinja2 import Environment


def templates_in(folder: Path, **options: Any) -> Environment:
    """Jinja for a folder's templates; `options` are more of its own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (most workers never draw one)

    from audiospective.infra.written import unbroken  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        **options,
    )
    environment.filters["unbroken"] = unbroken
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    return environment
