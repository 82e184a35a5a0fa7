"""The headers of every answer, whatever it is: page, JSON, file, redirect or error (security.md, "Security header set")."""

from __future__ import annotations

import re

from audiospective.settings import Settings

#: Hardware and tracking that no page of ours asks for.
_REFUSED = ("camera", "microphone", "geolocation", "payment", "usb", "interest-cohort", "browsing-topics")

#: Pages that search engines may show; everything else belongs to somebody.
_PUBLIC = frozenset({"/", "/privacy", "/terms", "/help", "/leaving", "/status", "/launch", "/launch.xml"})

#: Addresses that carry a secret, which must not leave as a referrer. Not `/shares`: without referrers browsers call its origin null.
_SECRET = ("/auth/spotify", "/api/auth/", "/share/", "/api/share", "/calendar/", "/unsubscribe/", "/notices/confirm/", "/api/unsubscribe/")

Headers = list[tuple[bytes, bytes]]


def content_security_policy(settings: Settings) -> str:
    """Nothing but our own files. Sign-in is named since Chromium also checks where a posted form is redirected to."""
    rules = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        f"form-action 'self' {settings.spotify.accounts_url}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
    if settings.app_url.startswith("https://"):
        rules.append("upgrade-insecure-requests")
    return "; ".join(rules)


def constant_headers(settings: Settings) -> Headers:
    """The same for every answer of this instance."""
    named = {
        "content-security-policy": content_security_policy(settings),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "permissions-policy": ", ".join(f"{name}=()" for name in _REFUSED),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "origin-agent-cluster": "?1",
        "x-permitted-cross-domain-policies": "none",
        "x-dns-prefetch-control": "off",
    }
    if settings.app_url.startswith("https://"):
        named["strict-transport-security"] = "max-age=63072000; includeSubDomains"
    return [(name.encode(), value.encode("latin-1")) for name, value in named.items()]


#: The one page that may stand in a frame elsewhere, once it is there.
_EMBED = re.compile(r"/share/[\w-]+/embed", re.ASCII)


def may_be_framed(path: str, status: int) -> bool:
    """Whether other sites may show this answer in a frame: an embedded report, and nothing else."""
    return status == 200 and _EMBED.fullmatch(path) is not None


def framed(constant: Headers) -> Headers:
    """The same headers for an answer that may be framed: nobody can be made to press anything there, since nothing there is pressed."""
    kept = [(name, value) for name, value in constant if name not in {b"x-frame-options", b"cross-origin-resource-policy"}]
    policy = [(name, value.replace(b"frame-ancestors 'none'", b"frame-ancestors *")) for name, value in kept]
    return [*policy, (b"cross-origin-resource-policy", b"cross-origin")]


def headers_for(path: str, given: Headers) -> Headers:
    """What depends on the address: who may keep it, list it, and hear where a visitor came from.

    People's pages and reports aren't for search engines: an audit of that (Lighthouse's SEO) fails `is-crawlable` there, and only that.
    """
    own = [(b"referrer-policy", b"no-referrer" if path.startswith(_SECRET) else b"same-origin")]
    if path not in _PUBLIC:
        own.append((b"x-robots-tag", b"noindex"))
    if not any(name.lower() == b"cache-control" for name, _ in given):
        own.append((b"cache-control", b"no-store"))
    return own
