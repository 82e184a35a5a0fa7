"""A template and a view → a page. Templates compute nothing: what they show arrives formatted in `view`.

Every template also sees `person` (who is signed in, or None), `theme`, `here` (the path), `form_token` (for `<input type="hidden"
name="form_token">` in each plain form), `simulated` (the built-in Spotify stands in), `lang` and `dir` of the language that is spoken,
`asset("app.css")`, and `icons["name"]`. Its words stand in `{% trans %}`, or in `_("…")` where they are an argument.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket
from litestar import Response
from markupsafe import Markup

from audiospective.bootstrap import Parts
from audiospective.infra import templates
from audiospective.infra.language import spoken
from audiospective.infra.templates import templates_in
from audiospective.web.visitor import Asked, credentials, form_token, known

TEMPLATES = Path(__file__).parent / "templates"

_HTML = "text/html"


class Compiled(FileSystemBytecodeCache):
    """Compiled templates, kept beside Python's own compiled code where that may be written: compiling all takes 0.4 s.

    Jinja takes one only for the very text that it was made of; its version and how it is set up (infra/templates.py) stand in the name.
    """

    def __init__(self, folder: Path = Path(__file__).parent / "__pycache__") -> None:
        made_by = hashlib.sha256(version("jinja2").encode() + Path(templates.__file__).read_bytes()).hexdigest()[:16]
        super().__init__(str(folder), f"template-{made_by}-%s.bin")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it; where nothing may be written, the next process compiles it again."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


@cache
def make_environment(asset: Callable[[str], str], *, reload: bool) -> Environment:
    """Jinja with everything escaped, and a name that isn't there as an error; one for a process, since its templates are compiled once."""
    environment = templates_in(TEMPLATES, auto_reload=reload, bytecode_cache=None if sys.dont_write_bytecode else Compiled())
    environment.globals |= {"asset": asset, "icons": icons()}
    return environment


def render(request: Asked, template: str, view: object, status: int = 200) -> Response[bytes]:
    """The page: `template` below templates/, shown `view`."""
    parts: Parts = request.app.state.parts
    environment: Environment = request.app.state.templates
    text = environment.get_template(template).render(view=view, **_surroundings(request, parts))
    return Response(text.encode(), status_code=status, media_type=_HTML, headers=spoken_in())


def fragment(request: Asked, template: str, macro: str, view: object) -> Response[bytes]:
    """One macro of a template alone, for a part of a page that renews itself."""
    parts: Parts = request.app.state.parts
    environment: Environment = request.app.state.templates
    module = environment.get_template(template).make_module(_surroundings(request, parts))
    return Response(str(getattr(module, macro)(view)).encode(), media_type=_HTML, headers=spoken_in())


def spoken_in() -> dict[str, str]:
    """What a page says of its language to whoever might keep it."""
    return {"Content-Language": spoken().tag, "Vary": "Accept-Language, Cookie"}


@cache
def icons() -> dict[str, Markup]:
    """The inside of each icon's SVG, by name (templates/icons.txt: a name, a tab, markup)."""
    lines = (TEMPLATES / "icons.txt").read_text(encoding="utf-8").splitlines()
    return {name: Markup(body) for name, _, body in (line.partition("\t") for line in lines) if name}  # noqa: S704 (our own file)


def _surroundings(request: Asked, parts: Parts) -> dict[str, Any]:
    person = known(request)
    session = credentials(request.scope, parts.settings).session
    return {
        "person": person,
        "theme": person.theme if person else "system",
        "here": request.scope["path"],
        "form_token": form_token(parts.sealer, session, parts.clock.now()) if session else "",
        "lang": spoken().tag,
        "dir": spoken().direction,
        "simulated": parts.settings.spotify.simulated,
    }
