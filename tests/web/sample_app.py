"""The pages about Spotify apps and signing in by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from audiospective.accounts.apps import App
from audiospective.spotify.rules import foresee
from audiospective.web.pages.auth import PasteForm, SignInTrouble, TokenForm
from audiospective.web.views.own_app import OwnAppView, own_app_view

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


def own_apps(now: datetime, hostile: str) -> Iterator[tuple[str, OwnAppView]]:
    """On a home server without https, and full on a public one."""
    yield "none", own_app_view(None, foresee("http://box:8000", taken=0), "http://box:8000")
    full = foresee("https://music.example.org", taken=5, forbidden=2)
    brought = App(1, "0f" * 16, b"", 1, now)
    yield "full", own_app_view(brought, full, "https://music.example.org", given=hostile, problem=hostile)
