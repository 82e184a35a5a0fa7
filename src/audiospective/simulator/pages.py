"""The simulator's own pages: plain HTML and CSS, no script, and nobody can take them for Spotify's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path

from audiospective.simulator.bodies import ARTIST_SIZES
from audiospective.simulator.catalogue import hexadecimal
from audiospective.simulator.listeners import Listener

#: No form-action here: after Agree the browser is sent on to the app, wherever it is.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_MEANINGS = {
    "user-read-recently-played": "see what you played last",
    "user-read-private": "see your country and subscription",
    "user-read-email": "see your e-mail address",
    "user-top-read": "see your own top artists and tracks",
}
_NOTICE = (
    "<strong>Simulator.</strong> This page stands in for Spotify. "
    "Nobody here is real, no password is asked for, nothing leaves this machine."
)
_PRIVACY_LINK = '<p>Want to try an import? <a href="/account/privacy">Download the export</a> of any of these listeners.</p>'


def authorize(listeners: Iterable[Listener], wish: Mapping[str, str], client_id: str, redirect_uri: str) -> str:
    """Who signs in, and do they agree? `wish` is the app's whole query and comes back with the answer."""
    hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in wish.items())
    people = "".join(_person(listener, is_first=number == 0) for number, listener in enumerate(listeners))
    asked = "".join(f"<li>{escape(_MEANINGS.get(scope, scope))}</li>" for scope in wish.get("scope", "").split())
    return _page(
        "Sign in at the Spotify simulator",
        f"""<h1>Who is listening?</h1>
<div class="asks">The app <code>{escape(client_id)}</code> would like to<ul>{asked or "<li>know who you are</li>"}</ul></div>
<form method="post" action="/authorize">{hidden}
<fieldset><legend>Sign in as</legend>{people}</fieldset>
<div class="answers"><button class="main" name="answer" value="agree">Agree</button>
<button name="answer" value="cancel">Cancel</button></div>
</form>
<p class="quiet after">Either way you go back to <code>{escape(redirect_uri)}</code></p>""",
        _PRIVACY_LINK,
    )


def privacy(listeners: Iterable[Listener]) -> str:
    """The packages that Spotify would send to each listener."""
    rows = "".join(_export(listener) for listener in listeners)
    return _page(
        "Exports at the Spotify simulator",
        f"""<h1>Download somebody’s data</h1>
<p>The two packages that Spotify sends on request, as they look in 2026.
Spotify takes days for them; here a large one takes a few seconds.</p>
<ul class="exports">{rows}</ul>
<p class="quiet after"><b>Extended streaming history</b> is the whole life, to the second. <b>Account data</b> is the last
twelve months, to the minute, among other papers that no archive should keep.</p>""",
        "<p>The real ones are at spotify.com/account/privacy.</p>",
        kind="wide",
    )


def refusal(reason: str) -> str:
    """What Spotify would show instead of the sign-in, since the app's wish is not in order."""
    why = f'<p class="reason"><code>{escape(reason)}</code></p>'
    return _page(
        "Refused by the Spotify simulator",
        f"<h1>This app can’t sign anybody in</h1>{why}<p>Go back to the app and tell its operator.</p>",
        "<p>Spotify itself refuses in the same way.</p>",
    )


def _person(listener: Listener, *, is_first: bool) -> str:
    chosen = " checked" if is_first else ""
    return (
        f'<label class="person"><input type="radio" name="listener" value="{listener.seed}"{chosen}>{_portrait(listener)}'
        f"<span><b>{escape(listener.name)}</b><small>{escape(listener.about)} {_place(listener)}</small></span></label>"
    )


def _export(listener: Listener) -> str:
    path = f"/account/privacy/{listener.seed}"
    return (
        f'<li class="export">{_portrait(listener)}<span><b>{escape(listener.name)}</b><small>{escape(listener.about)}</small></span>'
        f'<span class="downloads"><a class="button" href="{path}/extended/my_spotify_data.zip">Extended history</a>'
        f'<a class="button" href="{path}/account/my_spotify_data.zip">Account data</a></span></li>'
    )


def _portrait(listener: Listener) -> str:
    name = ARTIST_SIZES[160] + hexadecimal("portrait", listener.seed)
    return f'<img class="portrait" src="/image/{name}" width="52" height="52" alt="">'


def _place(listener: Listener) -> str:
    return escape(listener.zone_name.rpartition("/")[2].replace("_", " ")) + "."


def _page(title: str, inside: str, footer: str, kind: str = "") -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{_css()}</style></head>
<body><main class="{kind}"><p class="notice">{_NOTICE}</p><div class="inside">{inside}</div><footer>{footer}</footer></main></body></html>
"""


@cache
def _css() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
