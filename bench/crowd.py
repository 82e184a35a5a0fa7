"""Spotify for a crowd, in a process of its own: pages of real size, gzipped beforehand, so that it costs next to nothing.

Everybody hears the same: an hour has its page below `/h0`, `/h1` …, each with eight plays that the one before didn't have.
`python -m bench.crowd` prints its address.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import UTC, datetime, timedelta

from audiospective.simulator import bodies
from audiospective.simulator.playing import Play, Session

#: Plays of a page, and how many of them are new each hour: who listens half an hour an hour.
PAGE, NEW = 50, 8
HOURS = 6
START = datetime(2026, 3, 18, 12, tzinfo=UTC)
_BASE = "https://api.spotify.com"
_EVENING = Session("ios", False, False, "", 0)


def page(hour: int) -> bytes:
    """The last 50 plays at the end of an hour, as the Web API sends them, not packed."""
    grid = timedelta(hours=1) / NEW
    ends = [START + timedelta(hours=hour) - grid * place for place in range(PAGE)]
    plays = [Play(_ms(end), _ms(end), 0, _ms(end) // 450_000 % 500, -1, 0, "clickrow", "trackdone", _EVENING) for end in ends]
    items = [bodies.item(play, _BASE) for play in plays]
    return json.dumps({"items": items, "next": None, "cursors": None, "limit": PAGE, "href": _BASE}).encode()


class Crowd(asyncio.Protocol):
    """Answers both hosts' calls: a refresh for every POST, the page of its hour for every GET."""

    pages: tuple[bytes, ...] = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        """Some of a request, or of several."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length = _length(head)
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"POST"):
            return _whole(b'{"access_token":"fresh-1","token_type":"Bearer","expires_in":3600}', b"")
        hour = int(head.partition(b"/h")[2].partition(b"/")[0])
        return _whole(self.pages[hour % HOURS], b"Content-Encoding: gzip\r\n")


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _length(head: bytes) -> int:
    found = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    return int(found or 0)


def _whole(body: bytes, more: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def _serve() -> None:
    Crowd.pages = tuple(gzip.compress(page(hour), 6) for hour in range(HOURS))
    server = await asyncio.get_running_loop().create_server(Crowd, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
