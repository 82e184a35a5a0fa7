"""Reading an environment: texts that never print themselves, and a reader that keeps every complaint."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import unquote, urlsplit

from audiospective.errors import Invalid

#: Where an address of Postgres may carry a password too.
_PASSWORDS = ("password=", "sslpassword=")

HTTPS = "an https address (http only for this machine)"


class Secret:
    """A text that never prints itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "•••"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


def opening_parts(address: str, *, is_hook: bool = False) -> list[str]:
    """What of an address opens something: all of it, its passwords, and of a hook what follows its host, which is all that protects it.

    A password as it is written there and as it is typed, for whoever takes the address apart tells of it so.
    """
    parts = urlsplit(address)
    behind = f"{parts.path}?{parts.query}".strip("/?") if is_hook else ""
    written = [parts.password or "", *(field.partition("=")[2] for field in parts.query.split("&") if field.startswith(_PASSWORDS))]
    return [one for one in dict.fromkeys((address, *written, *map(unquote, written), behind)) if one]


class SettingsError(Invalid):
    """One or more settings are missing or wrong; `problems` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems), field="environment", problems=problems)
        self.problems = problems


class Reader:
    """Reads one variable after another and keeps every complaint."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, *names: str) -> str:
        """The first of these that is set; "" when none is."""
        return next((self._environ[n].strip() for n in names if self._environ.get(n, "").strip()), "")

    def secret(self, name: str) -> Secret:
        """A text that nobody is shown; an empty one when it isn't set. A line break in it is a mistake in copying."""
        given = self.text(name)
        if any(not letter.isprintable() or letter.isspace() for letter in given):
            self.problems.append(f"{name} has a space or a line break in it; copy it again, in one piece.")
        return Secret(given)

    def url(self, name: str, given: str, accept: Callable[[str, str], bool], want: str) -> str:
        """An address without its last slash."""
        try:
            parts = urlsplit(given)
            is_good = bool(parts.netloc) and (parts.port or 1) > 0 and accept(parts.scheme, parts.hostname or "")
        except ValueError:
            is_good = False
        if not is_good:
            self.problems.append(f"{name} is “{given}”; it must be {want}.")
        return given.rstrip("/")

    def base_url(self, name: str, default: str) -> str:
        """Where a service is asked; https, unless it is on this machine."""
        return self.url(name, self.text(name) or default, is_safe, HTTPS)

    def sealed_url(self, name: str, accept: Callable[[str, str], bool], want: str) -> Secret | None:
        """An address that is itself a secret, and so isn't repeated in the complaint."""
        given = self.text(name)
        if not given:
            return None
        try:
            parts = urlsplit(given)
            is_good = bool(parts.netloc) and (parts.port or 1) > 0 and accept(parts.scheme, parts.hostname or "")
        except ValueError:
            is_good = False
        if not is_good:
            self.problems.append(f"{name} isn't an address that works here; it must be {want}.")
        return Secret(given)

    def both(self, one: str, other: str, why: str) -> None:
        """Two that are only good together."""
        for name, mate in ((one, other), (other, one)):
            if self.text(mate) and not self.text(name):
                self.problems.append(f"{name} is missing; {why}")


def is_safe(scheme: str, host: str) -> bool:
    """Whether what is said there can't be overheard."""
    return scheme == "https" or (scheme == "http" and is_local(host))


def is_local(host: str) -> bool:
    """Whether that host is this machine, so that nothing travels over a network."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
