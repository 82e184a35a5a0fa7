"""What was said in English, told again in the language that is spoken: errors, and reasons that were stored with a row.

A message that was made of values is recognised by the text between them; what isn't known stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from audiospective.infra.language import catalogue, gettext, spoken

_HOLE: Final = re.compile(r"\{(\w+)\}")
#: With less text between its values a pattern would fit too much.
_LEAST_TEXT: Final = 10
#: Values are told again too, since some are sentences; not for ever.
_DEEPEST: Final = 2


def retold(said: str, _depth: int = 0) -> str:
    """`said`, or what it means in this language."""
    told = gettext(said)
    if told != said or _depth > _DEEPEST or not said:
        return told
    for pattern, text in _patterns(spoken().spoken_there):
        if found := pattern.fullmatch(said):
            return text.format(**{name: retold(value, _depth + 1) for name, value in found.groupdict().items()})
    return said


@lru_cache(maxsize=8)
def _patterns(spoken_there: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Messages with values, the most telling first."""
    told = catalogue(spoken_there)
    own = {text: len(_HOLE.sub("", text)) for text in told if _HOLE.search(text)}
    known = sorted((text for text in own if own[text] >= _LEAST_TEXT), key=lambda text: -own[text])
    return tuple((re.compile(_HOLE.sub(r"(?P<\1>.+?)", _escaped(text)), re.DOTALL), told[text]) for text in known)


def _escaped(text: str) -> str:
    """As a pattern, but for its holes."""
    return re.sub(r"\\\{(\w+)\\\}", r"{\1}", re.escape(text))
