"""A chat's incoming webhook: Slack's, or Discord's. Both have their own word for "I have it", and only that counts."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

from audiospective.environ import Secret
from audiospective.operations.providers.asking import Api, Odd, Patience, Question, ask


class Webhook:
    """One channel. Its address is itself a secret and appears in no sentence."""

    def __init__(self, http: aiohttp.ClientSession, url: Secret, *, patience: Patience | None = None) -> None:
        self._api = Api(http, "The chat", url.reveal(), "SLACK_WEBHOOK_URL", {}, {}, patience or Patience(total_s=10))
        self._is_discord = "/api/webhooks/" in urlsplit(url.reveal()).path

    async def post(self, text: str) -> None:
        """Say it once: what may have arrived isn't said again. Raises a ProviderError."""
        plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body: dict[str, object] = {"content": text, "allowed_mentions": {"parse": []}} if self._is_discord else {"text": plain}
        told = await ask(self._api, Question("a message", "POST", "", json=body), good=(200, 204))
        said = told.body.strip()
        if not self._is_discord and said != b"ok":
            raise Odd(f"The chat answers 200, but says “{said[:60].decode('utf-8', 'replace')}” instead of “ok”.")
