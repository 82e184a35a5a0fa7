"""Hands a message to the outside: SMTP for mail, a JSON POST for chat and hooks. Troubles never tell an address or a password."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from hashlib import sha256
from urllib.parse import unquote, urlsplit

import aiohttp

from audiospective.infra.outbox import PATIENCE_S, Carrier, Channel, Leased, Undelivered
from audiospective.settings import AlertSettings, Secret, is_local

_TRY_AGAIN = {408, 425, 429}
#: How the addresses of their hooks begin.
_SLACK, _DISCORD = "/services/", "/api/webhooks/"


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
        patience = aiohttp.ClientTimeout(total=PATIENCE_S - 5)
        headers = {"Idempotency-Key": leased.key}
        try:
            async with http.post(
                url.reveal(), json=_body(path, leased.body), headers=headers, timeout=patience, allow_redirects=False
            ) as answer:
                status, said = answer.status, (await answer.content.read(100)).decode("utf-8", "replace").strip()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Undelivered(f"the hook can't be reached ({type(error).__name__})") from error
        if 200 <= status < 300 and path.startswith(_SLACK) and said != "ok":
            raise Undelivered(f"the hook answered {status}, but not “ok”")
        if 200 <= status < 300:
            return f"HTTP {status}"
        raise Undelivered(f"the hook answered {status}", for_good=400 <= status < 500 and status not in _TRY_AGAIN)

    return carry


def _body(path: str, text: str) -> dict[str, object]:
    """Nobody is called by what a message happens to hold."""
    if path.startswith(_DISCORD):
        return {"content": text, "allowed_mentions": {"parse": []}}
    if path.startswith(_SLACK):
        return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    return {"text": text}


def mail(url: Secret, to: str) -> Carrier:
    """By SMTP, to the operators unless a message names somebody; the `Message-ID` is made of the key, so that a copy is known as one."""

    async def carry(leased: Leased) -> str:
        try:
            return await asyncio.to_thread(_send, url.reveal(), _letter(leased, to, leased.recipient or to))
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"the mail server answered {error.smtp_code}", for_good=error.smtp_code >= 500) from error
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise Undelivered(f"the mail server refused the recipient ({code})", for_good=code >= 500) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(f"the mail server can't be reached ({type(error).__name__})") from error

    return carry


def _letter(leased: Leased, sender: str, to: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = f"Audiospective <{sender}>"
    letter["To"] = to
    letter["Subject"] = " ".join(leased.subject.split())
    letter["Message-ID"] = f"<{sha256(leased.key.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
    letter.set_content(leased.body)
    return letter


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
