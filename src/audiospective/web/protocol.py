"""The server's HTTP, with bounds that it lacks: a request may be neither endless nor endlessly slow (security.md A077, A078)."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Address and headers of one request together; browsers send less than 4 KB, with the longest cookies and addresses of ours 12.
MOST_HEAD_BYTES: Final = 32 * 1024
#: From the first moment of a connection, or of a later request on it, until its head is there.
HEAD_S: Final = 10.0
#: From then until its body is there, whether it was answered meanwhile or not; a scrobbler's thousand listens come in a second.
BODY_S: Final = 60.0
#: The same for uploads, which web/api/imports.py ends with a sentence after an hour.
UPLOAD_S: Final = 3660.0
_UPLOADS: Final = frozenset({b"/api/imports", b"/api/imports/rehearsal", b"/imports/rehearsal"})


class BoundedProtocol(HttpToolsProtocol):
    """Answers 400 to a head that is too large, and hangs up on a head or body that doesn't come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._waiting: asyncio.TimerHandle | None = None
        self._coming: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nothing to wait for."""
        self._stop_waiting()
        self._body_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hand on what came, unless a head that has grown too large still goes on."""
        if self._waiting is not None:
            if self._head_bytes > MOST_HEAD_BYTES:
                self._stop_waiting()
                self.send_400_response("The request's headers are too large.")
                return
            self._head_bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A head begins, perhaps on a connection that has carried others."""
        super().on_message_begin()
        if self._waiting is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """The head is there; what is raised here the parser's caller answers with 400."""
        self._stop_waiting()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MOST_HEAD_BYTES:
            raise ValueError("The request's headers are too large.")
        super().on_headers_complete()
        self._await_body(UPLOAD_S if self.url.partition(b"?")[0] in _UPLOADS else BODY_S)

    def on_message_complete(self) -> None:
        """The body is there, or there is none."""
        self._body_is_there()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Of an upload that was answered before it was whole the rest isn't waited for so long."""
        if self._coming is not None:
            self._await_body(BODY_S)
        super().on_response_complete()

    def _wait(self) -> None:
        self._head_bytes = 0
        self._waiting = self.loop.call_later(HEAD_S, self.transport.abort)

    def _await_body(self, seconds: float) -> None:
        self._body_is_there()
        self._coming = self.loop.call_later(seconds, self.transport.abort)

    def _body_is_there(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
            self._coming = None

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
