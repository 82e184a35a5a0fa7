"""The headers of every answer, whatever it is: page, JSON, file, redirect or error (security.md, "Security header set")."""

from __future__ import annotations

from audiospective.settings import Settings

#: Hardware and tracking that no page of ours asks for.
_REFUSED = ("camera", "microphone", "geolocation", "payment", "usb", "interest-cohort", "browsing-topics")

#: Pages that search engines may show; everything else belongs to somebody.
_PUBLIC = frozenset({"/", "/privacy", "/terms", "/help", "/status", "/launch", "/launch.xml"})

#: Addresses that carry a secret, which must not leave as a referrer. Not `/shares`: without referrers browsers call its origin null.
_SECRET = ("/auth/spotify", "/api/auth/", "/share/", "/api/share", "/calendar/")

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


def headers_for(path: str, given: Headers) -> Headers:
    """What depends on the address: who may keep it, list it, and hear where a visitor came from."""
    own = [(b"referrer-policy", b"no-referrer" if path.startswith(_SECRET) else b"same-origin")]
    if path not in _PUBLIC:
        own.append((b"x-robots-tag", b"noindex"))
    if not any(name.lower() == b"cache-control" for name, _ in given):
        own.append((b"cache-control", b"no-store"))
    return own
