"""A040, A084: files of the house, other programs' doors and second spellings of our own lead nowhere."""

from __future__ import annotations

import httpx

from tests.clock import FakeClock

_PATHS = (
    "/.git/HEAD",
    "/.git/config",
    "/.env",
    "/.env.production",
    "/docs",
    "/openapi.json",
    "/redoc",
    "/schema",
    "/server-status",
    "/actuator/health",
    "/debug/pprof",
    "/static/app.css.map",
    "/static/../settings.py",
    "/backup.sql",
    "/dump.sql.gz",
    "/wp-login.php",
    "/api/test-sentry",
    "/api/test-db",
    "/api/debug",
    "/dashboard/x.css",
    "/dashboard;.css",
    "/Dashboard",
    "/%2e%2e/dashboard",
    "/api/stats%00",
    "/api/stats.json",
)


async def test_each_of_them_is_nowhere(visitor: httpx.AsyncClient, clock: FakeClock) -> None:
    for path in _PATHS:
        clock.forward(seconds=2)
        answer = await visitor.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["cache-control"] == "no-store", path
