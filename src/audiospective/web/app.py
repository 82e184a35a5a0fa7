"""The web application: a literal list of routes, what they are handed, and the guard around them.

A module of `web/pages/` or `web/api/` has its handlers, and ends with `routes = (…)`; it is named once in ROUTES.
What a handler may ask for stands in visitor.py: `parts: WithParts`, `person: Listener`, `visitor: Whoever`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.types import ASGIApp, ControllerRouterHandler
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from audiospective.bootstrap import Parts
from audiospective.infra.ratelimit import SharedLimiter
from audiospective.operations.health import Observer
from audiospective.operations.notices import Board
from audiospective.reports.share import ViewCounter
from audiospective.web import assets, errors, under_way
from audiospective.web.api import (
    account,
    analytics,
    answers,
    archive,
    audioscrobbler,
    chapters,
    export,
    health,
    imports,
    lens,
    listenbrainz,
    listenbrainz_reading,
    live,
    operators,
    scheduler,
    settings,
    share,
    vitals,
)
from audiospective.web.api.docs import OwnPage, OwnSchema
from audiospective.web.forms import refuse_doubles
from audiospective.web.frozen import Frozen
from audiospective.web.guard import Guard
from audiospective.web.measures import Measures
from audiospective.web.observing import Answers, Observed, flushing
from audiospective.web.operating import routes as operating
from audiospective.web.pages import (
    auth,
    calendar,
    compare,
    connection,
    cover,
    dashboard,
    design,
    entity,
    history,
    insights,
    landing,
    leaving,
    notices,
    own_app,
    scrobbler,
    status,
)
from audiospective.web.pages import export as export_page
from audiospective.web.pages import imports as imports_page
from audiospective.web.pages import play as play_page
from audiospective.web.pages import settings as settings_page
from audiospective.web.pages import share as share_page
from audiospective.web.playing import Playing
from audiospective.web.rendering import make_environment
from audiospective.web.tongue import speak_to
from audiospective.web.visitor import Asked, operator, person, visitor

#: Every route of this instance.
ROUTES: Sequence[ControllerRouterHandler] = (
    assets.static,
    *auth.routes,
    *cover.routes,
    *landing.routes,
    *dashboard.routes,
    *history.routes,
    *play_page.routes,
    *calendar.routes,
    *insights.routes,
    *entity.routes,
    *imports_page.routes,
    *settings_page.routes,
    *export_page.routes,
    *notices.routes,
    *own_app.routes,
    *connection.routes,
    *share_page.routes,
    *compare.routes,
    *leaving.routes,
    *status.routes,
    *design.routes,
    *answers.routes,
    *analytics.routes,
    *chapters.routes,
    *archive.routes,
    *scheduler.routes,
    *lens.routes,
    *listenbrainz.routes,
    *listenbrainz_reading.routes,
    *audioscrobbler.routes,
    *scrobbler.routes,
    *live.routes,
    *imports.routes,
    *export.routes,
    *settings.routes,
    *account.routes,
    *share.routes,
    *operators.routes,
    *vitals.routes,
    *operating,
    *health.routes,
)

#: Packed already, or streamed for minutes.
_UNPACKED = ["^/static/", "^/cover/", "^/api/export", "^/api/live"]

#: A request's body, where a route doesn't say otherwise.
_BODY_BYTES = 64 * 1024


def create_app(parts: Parts) -> Litestar:
    """The application over these parts; it opens and closes none of them."""
    app = routed()
    return furnish(app, app.asgi_handler, parts)


def routed() -> Litestar:
    """The routes, over no parts yet: most of what a start costs; they may be furnished again and again."""
    return Litestar(
        route_handlers=ROUTES,
        dependencies={"parts": Provide(_parts), "visitor": Provide(visitor), "person": Provide(person), "operator": Provide(operator)},
        before_request=_before,
        exception_handlers={Exception: errors.answer},
        openapi_config=OpenAPIConfig(
            title="Audiospective",
            version=version("audiospective"),
            path="/api/docs",
            use_handler_docstrings=True,
            render_plugins=[OwnPage(path="/"), OwnSchema(path="/openapi.json")],
        ),
        compression_config=CompressionConfig("gzip", minimum_size=1000, gzip_compress_level=5, exclude=_UNPACKED),
        request_max_body_size=_BODY_BYTES,
        logging_config=None,
        lifespan=[flushing],
        debug=False,
    )


def furnish(app: Litestar, routes: ASGIApp, parts: Parts) -> Litestar:
    """Give the application these parts, memories of its own, and the guard before its routes."""
    found, measures, answers = assets.shipped(), Measures(), Answers()
    app.state = State()
    app.state.parts = parts
    app.state.assets = found
    app.state.observer = Observer(parts.db, parts.spotify, parts.clock, parts.store)
    app.state.views = ViewCounter()
    app.state.notices = Board()
    app.state.letters = SharedLimiter(parts.clock.monotonic, parts.store, parts.settings.app_secrets[0].reveal())
    app.state.live = live.Live(parts.db)
    app.state.playing = Playing()
    app.state.measures, app.state.answers = measures, answers
    app.state.exports, app.state.uploads = under_way.exports(), under_way.uploads()
    app.state.share_pages, app.state.share_cards = Frozen(), Frozen()
    app.state.templates = make_environment(found.url, reload=not parts.settings.is_production)
    guarded = Guard(listenbrainz_reading.open_to_pages(routes), parts, errors.answer, Observed(parts, measures, answers))
    proxies = list(parts.settings.trusted_proxies)
    app.asgi_handler = ProxyHeadersMiddleware(guarded, proxies) if proxies else guarded  # type: ignore[arg-type,assignment]  # the same, by other names
    return app


async def _parts(state: State) -> Parts:
    found: Parts = state.parts
    return found


async def _before(request: Asked) -> None:
    await refuse_doubles(request)
    await speak_to(request)
