"""The pages about Spotify apps and signing in by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from audiospective.accounts.apps import App
from audiospective.spotify.rules import foresee
from audiospective.web.pages.auth import PasteForm, SignInTrouble, TokenForm
from audiospective.web.pages.connection import ConnectionView
from audiospective.web.views.own_app import own_app_view
from audiospective.web.views.permission import Permission

_PASTE = PasteForm("https://www.spotify.com/authorize?client_id=x&state=y", "http://127.0.0.1:8000/auth/spotify/callback")


def sign_ins() -> Iterator[tuple[str, str, object]]:
    """By hand, by token, and in vain: name, template, view."""
    yield "paste", "pages/sign_in_paste.html", _PASTE
    yield "token", "pages/sign_in_token.html", TokenForm("/imports", "")
    yield "token-refused", "pages/sign_in_token.html", TokenForm("/imports", "No such token.")
    pressed = SignInTrouble("You weren't signed in", "Spotify says that you pressed Cancel.", "/auth/spotify")
    yield "sign-in-trouble", "pages/sign_in_trouble.html", pressed
    no_seat = SignInTrouble("Spotify doesn't let this app read your plays", "No seat.", "/auth/spotify", brings_app=True)
    yield "sign-in-forbidden", "pages/sign_in_trouble.html", no_seat


def beside_settings(good: Permission, now: datetime, hostile: str) -> Iterator[tuple[str, str, object]]:
    """Connected, and gone; an own app on a home server without https, and a full one on a public one."""
    template = "pages/settings_spotify.html"
    yield "spotify-connected", template, ConnectionView(good, hostile)
    leaving = "What Spotify’s list told is deleted on 4 May 2026, unless you connect again before."
    yield "spotify-left", template, ConnectionView(None, leaving)
    template = "pages/settings_app.html"
    yield "own-app-none", template, own_app_view(None, foresee("http://box:8000", taken=0), "http://box:8000")
    full = foresee("https://music.example.org", taken=5, forbidden=2)
    brought = App(1, "0f" * 16, b"", 1, now)
    yield "own-app-full", template, own_app_view(brought, full, "https://music.example.org", given=hostile, problem=hostile)
