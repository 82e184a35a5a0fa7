"""In which language is this request answered? As the person has set, else as their browser asks; a program is answered in English."""

from __future__ import annotations

from litestar.types import Scope

from audiospective.bootstrap import Parts
from audiospective.errors import AudiospectiveError
from audiospective.infra.language import ENGLISH, Language, language, speak, wanted
from audiospective.web.visitor import Asked, Credentials, credentials, visitor

#: For whom nobody is looked up: what is the same in every language and asked for often, what must answer while the database doesn't,
#: and reports, which are the same for everybody and know nobody.
_SILENT = ("/static/", "/cover/", "/api/health", "/metrics", "/status", "/share/")


def first_language(scope: Scope, shown: Credentials) -> Language:
    """Before anybody is looked up: English for programs, else what the browser asks for."""
    if shown.token is not None:
        return ENGLISH
    return wanted(next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), ""))


async def speak_to(request: Asked) -> None:
    """Before a handler: whoever has set a language is answered in it, from here on."""
    if request.scope["path"].startswith(_SILENT):
        return
    parts: Parts = request.app.state.parts
    shown = credentials(request.scope, parts.settings)
    if shown.token is not None or shown.session is None:
        return
    try:
        person = await visitor(request, parts)
    except AudiospectiveError:  # whoever needs the person meets it again, and explains it
        return
    if person and (chosen := language(person.language)):
        speak(chosen)
