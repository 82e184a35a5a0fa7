"""The page on which a listener brings a Spotify app of their own."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from audiospective.accounts.apps import App
from audiospective.spotify.rules import Rule, Stands, redirect_address
from audiospective.web.retold import retold
from audiospective.web.views.words import long_day

_SIGNS = {Stands.GOOD: "check", Stands.WARN: "circle-alert", Stands.BAD: "circle-alert"}


class RuleView(msgspec.Struct, frozen=True):
    """A rule of Spotify's as a banner."""

    stands: str
    name: str
    says: str
    sign: str


class OwnAppView(msgspec.Struct, frozen=True):
    """The page; `client_id` is "" before an app is brought, `given` what a form was sent with, `problem` why it wasn't taken."""

    rules: tuple[RuleView, ...]
    address: str
    client_id: str
    since: str
    invitation: str
    given: str
    problem: str


def own_app_view(app: App | None, rules: Sequence[Rule], app_url: str, *, given: str = "", problem: str = "") -> OwnAppView:
    """The page of this person; `app` is theirs."""
    return OwnAppView(
        rules=tuple(RuleView(one.stands.value, f"{retold(one.name)}.", retold(one.says), _SIGNS[one.stands]) for one in rules),
        address=redirect_address(app_url),
        client_id=app.client_id if app else "",
        since=long_day(app.added_at.date()) if app else "",
        invitation=f"{app_url}/auth/spotify?{urlencode({'app': app.client_id})}" if app else "",
        given=given,
        problem=problem,
    )
