"""`ops dashboards`: one page with all figures."""

from __future__ import annotations

from audiospective.bootstrap import Parts
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.operations import faults, machine, measures, standing


def dashboards(*, as_json: AsJson = False) -> None:
    """Print the figures of all dashboards: requests, errors, database, machine, collecting; and where their pages are.

    Example: `audiospective ops dashboards`
    """

    async def work(parts: Parts) -> dict[str, str]:
        now, url = parts.clock.now(), parts.settings.app_url
        async with parts.db.reading() as conn:
            found, people = await standing.now_of(conn, now), await standing.collecting(conn, now)
            kinds = await faults.kinds(conn, now - measures.MINUTES_KEPT)
            size = await machine.size(conn)
        share = "nobody asked" if found.failure_share is None else f"{found.failure_share:.2%} of {found.requests:,} failed"
        slow = "–" if found.p95_ms is None else f"{found.p95_ms:,.0f} ms"
        busy = "–" if found.cpu_ratio is None else f"{found.cpu_ratio:.0%}"
        return {
            "requests": f"{share}, p95 {slow}",
            "errors": f"{found.errors} in 15 minutes, {len(kinds)} kinds in a day",
            "database": f"{size.database_bytes / 1e6:,.1f} MB, {size.connections} connections",
            "machine": f"{busy} busy, {found.looks} of 15 minutes looked at",
            "collecting": f"{people.connected} connected, {people.late} late, {people.ended} ended, {people.workers} workers",
            "pages": " ".join(f"{url}{path}" for path in ("/ops", "/ops/watch", "/ops/incidents", "/ops/ledger", "/status", "/metrics")),
        }

    answer(with_parts(work), as_json=as_json, text=lambda told: "\n".join(f"{name:<11} {said}" for name, said in told.items()))
