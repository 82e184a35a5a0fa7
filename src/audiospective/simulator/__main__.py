"""`python -m audiospective.simulator`: Spotify's stand-in as a process of its own. Stops on SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from audiospective.simulator.app import create_app
from audiospective.simulator.world import MovableClock, World


def main() -> None:
    """Serve until told to stop; prints one line when ready."""
    asyncio.run(serve(_arguments().parse_args()))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m audiospective.simulator", description="Spotify's two hosts, played on one port.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep revocations and the day of opening here")
    parser.add_argument("--control", action="store_true", help="let tests script trouble over /_control/…")
    return parser


async def serve(chosen: argparse.Namespace) -> None:
    """Listen, say so, and wait for the signal."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock = MovableClock(_machine_time)
    world = World(clock, clock.now().date(), controlled=chosen.control, state_file=chosen.state)
    world.recall()
    runner = web.AppRunner(create_app(world), access_log=None, shutdown_timeout=2)
    await runner.setup()
    site = web.TCPSite(runner, chosen.host, chosen.port)
    await site.start()
    gc.freeze()  # what is loaded by now lasts as long as the process
    gc.enable()  # whoever starts it as a child has none looked for until then
    port = runner.addresses[0][1]
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    sys.stdout.write(f"The Spotify simulator listens on http://{host}:{port}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


def _machine_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 (an entrypoint, and it imports nothing of ours)


if __name__ == "__main__":
    main()
