"""What the pages about privacy and help say of this very code: its permission, its cookies, its places."""

from __future__ import annotations

import msgspec

from audiospective.accounts import sessions
from audiospective.infra.language import mark, say
from audiospective.privacy.holdings import HOLDINGS
from audiospective.settings import Settings
from audiospective.spotify import oauth
from audiospective.web.retold import retold
from audiospective.web.visitor import cookie_name, waiting_cookie

_PERMISSIONS = {"user-read-recently-played": mark("to read the last 50 plays of your account")}


class CookieView(msgspec.Struct, frozen=True):
    """A cookie that this instance may set."""

    name: str
    purpose: str
    ends: str


class AboutView(msgspec.Struct, frozen=True):
    """Permissions are (Spotify's name, what for); cookies are all that there are."""

    held: tuple[str, ...]
    """Everything that is held about a person, a sentence for each kind."""
    permissions: tuple[tuple[str, str], ...]
    cookies: tuple[CookieView, ...]
    places: tuple[str, ...]
    """What a browser keeps besides cookies."""


def about_view(settings: Settings) -> AboutView:
    """The same for everybody; raises KeyError for a permission that nobody has explained."""
    return AboutView(
        held=tuple(retold(one.says) for one in HOLDINGS),
        permissions=tuple((scope, say(_PERMISSIONS[scope])) for scope in oauth.SCOPE.split()),
        cookies=(
            CookieView(cookie_name(settings), say("says that you are signed in"), _session_words()),
            CookieView(
                waiting_cookie(settings),
                say("ties a sign-in to the browser that began it"),
                say("after ten minutes, or when you are signed in"),
            ),
        ),
        places=("zone-told",),
    )


def _session_words() -> str:
    return say(
        "when you sign out, after {idle} days unused, or after {longest} days", idle=sessions.IDLE.days, longest=sessions.LONGEST.days
    )
