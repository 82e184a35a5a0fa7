"""Hands a message to the outside: SMTP for mail, a JSON POST for chat and hooks. Troubles never tell an address or a password."""

from __future__ import annotations

import asyncio
import hmac
import json
import smtplib
import ssl
from collections.abc import Mapping
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import EmailPolicy, Policy
from hashlib import sha256
from urllib.parse import unquote, urlsplit

import aiohttp

from audiospective.infra.outbox import PATIENCE_S, Carrier, Channel, Leased, Undelivered
from audiospective.settings import AlertSettings, Secret, is_local

_TRY_AGAIN = {408, 425, 429}
#: How the addresses of their hooks begin.
_SLACK, _DISCORD = "/services/", "/api/webhooks/"


class _Address(UnstructuredHeader, BaseHeader):
    """A header with a web address in it; folded as text it would be encoded, and no mail program looks for an address in that."""

    def fold(self, *, policy: Policy[Message]) -> str:
        """On one line, however long."""
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _Address)
_policy = EmailPolicy(header_factory=_headers)


def make_carriers(settings: AlertSettings, http: aiohttp.ClientSession) -> Mapping[Channel, Carrier]:
    """A carrier for each channel that is set up."""
    carriers: dict[Channel, Carrier] = {}
    if settings.slack_webhook_url:
        carriers[Channel.CHAT] = webhook(http, settings.slack_webhook_url)
    if settings.sms_url:
        carriers[Channel.SMS] = webhook(http, settings.sms_url)
    if settings.smtp_url:
        carriers[Channel.MAIL] = mail(settings.smtp_url, settings.email)
    return carriers


def webhook(http: aiohttp.ClientSession, url: Secret) -> Carrier:
    """`{"text": …}` by POST, as Slack and its kin take it, `content` for Discord; the key goes along as `Idempotency-Key`.

    Slack says `ok` when it has it; something else with status 200 is no receipt.
    """
    path = urlsplit(url.reveal()).path

    async def carry(leased: Leased) -> str:
        body = json.dumps(_body(path, leased.body)).encode()
        return await post(http, url.reveal(), body, {}, key=leased.key, expects="ok" if path.startswith(_SLACK) else "")

    return carry


def _body(path: str, text: str) -> dict[str, object]:
    """Nobody is called by what a message happens to hold."""
    if path.startswith(_DISCORD):
        return {"content": text, "allowed_mentions": {"parse": []}}
    if path.startswith(_SLACK):
        return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    return {"text": text}


async def post(http: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], *, key: str, expects: str = "") -> str:
    """A JSON body to a hook, no redirect followed; raises Undelivered, also when something else is said than `expects`."""
    patience = aiohttp.ClientTimeout(total=PATIENCE_S - 5)
    named = {"Content-Type": "application/json", "Idempotency-Key": key, **headers}
    try:
        async with http.post(url, data=body, headers=named, timeout=patience, allow_redirects=False) as answer:
            status, said = answer.status, (await answer.content.read(100)).decode("utf-8", "replace").strip()
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        raise Undelivered(f"the hook can't be reached ({type(error).__name__})") from error
    if 200 <= status < 300 and expects and said != expects:
        raise Undelivered(f"the hook answered {status}, but not “{expects}”")
    if 200 <= status < 300:
        return f"HTTP {status}"
    raise Undelivered(f"the hook answered {status}", for_good=400 <= status < 500 and status not in _TRY_AGAIN)


def hook_signature(key: str, body: bytes) -> str:
    """What a receiver compares: HMAC-SHA256 of exactly the body, under the key that was shown when the hook was added."""
    return f"sha256={hmac.digest(key.encode(), body, 'sha256').hex()}"


def mail(url: Secret, to: str) -> Carrier:
    """By SMTP, to the operators; the `Message-ID` is made of the key, so that a second copy can be known as one."""

    async def carry(leased: Leased) -> str:
        return await send_letter(url, letter(leased, to, sender=to))

    return carry


async def send_letter(url: Secret, written: EmailMessage) -> str:
    """By SMTP; its `Message-ID`. Raises Undelivered."""
    try:
        return await asyncio.to_thread(_send, url.reveal(), written)
    except smtplib.SMTPResponseException as error:
        raise Undelivered(f"the mail server answered {error.smtp_code}", for_good=error.smtp_code >= 500) from error
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise Undelivered(f"the mail server refused the recipient ({code})", for_good=code >= 500) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(f"the mail server can't be reached ({type(error).__name__})") from error


def letter(leased: Leased, to: str, *, sender: str, headers: Mapping[str, str] | None = None) -> EmailMessage:
    """A message as a letter: plain, and as HTML where it has that; no text of it becomes a header."""
    written = EmailMessage(_policy)
    written["From"] = f"Audiospective <{sender}>"
    written["To"] = to
    written["Date"] = leased.created_at  # RFC 5322 wants one, and what lacks it counts as spam
    written["Subject"] = " ".join(leased.subject.split())
    written["Message-ID"] = f"<{sha256(leased.key.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
    for name, value in (headers or {}).items():
        written[name] = value
    written.set_content(leased.body)
    if leased.rich:
        written.add_alternative(leased.rich, subtype="html")
    return written


def _send(url: str, letter: EmailMessage) -> str:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "smtps"
    seconds = (PATIENCE_S - 5) / 2
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, parts.port or 465, timeout=seconds, context=context)
        if secure
        else smtplib.SMTP(host, parts.port or 587, timeout=seconds)
    )
    with server:
        if not secure and not is_local(host):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(letter)
    return str(letter["Message-ID"])
