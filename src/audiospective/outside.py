"""Settings of the services that a cloud brings: each absent unless its variables are set, each at an address that can be set too."""

from __future__ import annotations

import re

import msgspec

from audiospective.environ import Reader, Secret, is_safe

#: Every variable read here, with one sentence; joined to those of settings.py.
NAMES: dict[str, str] = {
    "UPSTASH_REDIS_REST_URL": "Redis over HTTPS for limits that all processes share; absent: each process counts for itself",
    "UPSTASH_REDIS_REST_TOKEN": "belongs to UPSTASH_REDIS_REST_URL",
    "REDIS_URL": "the same by Redis' own protocol, as in rediss://:password@host:6379",
    "SENTRY_AUTH_TOKEN": "lets the runbook read the error tracker's project; needs SENTRY_ORG and SENTRY_PROJECT",
    "SENTRY_ORG": "the organisation's short name at the error tracker",
    "SENTRY_PROJECT": "the project's short name there",
    "SENTRY_API_URL": "base address of the error tracker's API",
    "VERCEL_TOKEN": "lets the runbook deploy and look there; belongs to VERCEL_PROJECT_ID",
    "VERCEL_PROJECT_ID": "id or name of the project at Vercel",
    "VERCEL_TEAM_ID": "the team that owns the project, if one does",
    "VERCEL_API_URL": "base address of Vercel's API",
    "NEON_API_KEY": "lets the runbook look at the database's host; belongs to NEON_PROJECT_ID",
    "NEON_PROJECT_ID": "id of the project at Neon",
    "NEON_API_URL": "base address of Neon's API",
    "UPTIMEROBOT_API_KEY": "lets the runbook ask whether we were seen up from outside",
    "UPTIMEROBOT_API_URL": "base address of UptimeRobot's API",
    "GITHUB_REPOSITORY": "where the source lives, as owner/name",
    "GITHUB_TOKEN": "lets the runbook start and read workflows there",
    "GITHUB_API_URL": "base address of GitHub's API",
    "OSV_API_URL": "base address of OSV, which knows of packages with holes",
    "STATUS_PAGES": "status pages to read before a launch, a comma between two; absent: those of the services named here",
}

#: Who tells of their own incidents in Statuspage's form.
STATUS_PAGES = (
    "https://www.vercel-status.com",
    "https://neonstatus.com",
    "https://status.upstash.com",
    "https://status.sentry.io",
    "https://www.githubstatus.com",
)


def _nothing() -> Secret:
    return Secret("")


class RedisSettings(msgspec.Struct, frozen=True):
    """Redis over HTTPS (`rest_url`, `rest_token`) or by its own protocol (`url`); all empty: none."""

    rest_url: str = ""
    rest_token: Secret = msgspec.field(default_factory=_nothing)
    url: Secret = msgspec.field(default_factory=_nothing)

    @property
    def is_set(self) -> bool:
        """Whether there is one."""
        return bool(self.rest_url or self.url)


class SentrySettings(msgspec.Struct, frozen=True):
    """What the runbook asks the error tracker with; telling it errors needs the DSN alone."""

    token: Secret = msgspec.field(default_factory=_nothing)
    organisation: str = ""
    project: str = ""
    url: str = "https://sentry.io"


class VercelSettings(msgspec.Struct, frozen=True):
    """Where releases are built and served."""

    token: Secret = msgspec.field(default_factory=_nothing)
    project: str = ""
    team: str = ""
    url: str = "https://api.vercel.com"


class NeonSettings(msgspec.Struct, frozen=True):
    """Who hosts the database."""

    key: Secret = msgspec.field(default_factory=_nothing)
    project: str = ""
    url: str = "https://console.neon.tech/api/v2"


class UptimeRobotSettings(msgspec.Struct, frozen=True):
    """Who looks at us from outside."""

    key: Secret = msgspec.field(default_factory=_nothing)
    url: str = "https://api.uptimerobot.com/v2"


class GithubSettings(msgspec.Struct, frozen=True):
    """Where the source and its workflows live; `repository` as owner/name."""

    token: Secret = msgspec.field(default_factory=_nothing)
    repository: str = ""
    url: str = "https://api.github.com"


class OutsideSettings(msgspec.Struct, frozen=True):
    """All of them."""

    redis: RedisSettings = msgspec.field(default_factory=RedisSettings)
    sentry: SentrySettings = msgspec.field(default_factory=SentrySettings)
    vercel: VercelSettings = msgspec.field(default_factory=VercelSettings)
    neon: NeonSettings = msgspec.field(default_factory=NeonSettings)
    uptimerobot: UptimeRobotSettings = msgspec.field(default_factory=UptimeRobotSettings)
    github: GithubSettings = msgspec.field(default_factory=GithubSettings)
    status_pages: tuple[str, ...] = STATUS_PAGES
    osv_url: str = "https://api.osv.dev"
    """Who knows which packages have holes."""

    def secrets(self) -> tuple[Secret, ...]:
        """What must never be told."""
        held = (self.redis.rest_token, self.redis.url, self.sentry.token, self.vercel.token, self.neon.key)
        return tuple(secret for secret in (*held, self.uptimerobot.key, self.github.token) if secret)


def outside(reader: Reader) -> OutsideSettings:
    """What the environment says of them; complaints are kept by the reader."""
    pages = tuple(page.strip() for page in reader.text("STATUS_PAGES").split(",") if page.strip())
    return OutsideSettings(
        redis=_redis(reader),
        sentry=_sentry(reader),
        vercel=_vercel(reader),
        neon=_neon(reader),
        uptimerobot=UptimeRobotSettings(
            reader.secret("UPTIMEROBOT_API_KEY"), reader.base_url("UPTIMEROBOT_API_URL", UptimeRobotSettings().url)
        ),
        github=_github(reader),
        status_pages=tuple(reader.url("STATUS_PAGES", page, is_safe, "https addresses with a comma between two") for page in pages)
        or STATUS_PAGES,
        osv_url=reader.base_url("OSV_API_URL", OutsideSettings().osv_url),
    )


def _redis(reader: Reader) -> RedisSettings:
    given = reader.text("UPSTASH_REDIS_REST_URL")
    reader.both("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "copy the REST address and its token from the database's page.")
    rest_url = reader.url("UPSTASH_REDIS_REST_URL", given, is_safe, "an https address (http only for this machine)") if given else ""
    want = "redis://, rediss:// or unix://, as in rediss://:password@redis.example.org:6379"
    url = _redis_url(reader, want)
    if rest_url and url:
        reader.problems.append("REDIS_URL and UPSTASH_REDIS_REST_URL are both set; keep one, so that all processes count at one place.")
    return RedisSettings(rest_url, reader.secret("UPSTASH_REDIS_REST_TOKEN"), url)


def _redis_url(reader: Reader, want: str) -> Secret:
    given = reader.text("REDIS_URL")
    if given.startswith("unix:///"):
        return Secret(given)
    return reader.sealed_url("REDIS_URL", lambda scheme, host: scheme in {"redis", "rediss"} and bool(host), want) or _nothing()


def _sentry(reader: Reader) -> SentrySettings:
    token = reader.secret("SENTRY_AUTH_TOKEN")
    for name in ("SENTRY_ORG", "SENTRY_PROJECT"):
        if token and not reader.text(name):
            reader.problems.append(
                f"{name} is missing; SENTRY_AUTH_TOKEN can't ask without it. It is the short name in the tracker's address."
            )
    return SentrySettings(
        token, _slug(reader, "SENTRY_ORG"), _slug(reader, "SENTRY_PROJECT"), reader.base_url("SENTRY_API_URL", SentrySettings().url)
    )


def _vercel(reader: Reader) -> VercelSettings:
    reader.both("VERCEL_TOKEN", "VERCEL_PROJECT_ID", "copy a token from your account's page and the id from the project's settings.")
    return VercelSettings(
        reader.secret("VERCEL_TOKEN"),
        _slug(reader, "VERCEL_PROJECT_ID"),
        _slug(reader, "VERCEL_TEAM_ID"),
        reader.base_url("VERCEL_API_URL", VercelSettings().url),
    )


def _neon(reader: Reader) -> NeonSettings:
    reader.both("NEON_API_KEY", "NEON_PROJECT_ID", "copy a key from your account's page and the id from the project's settings.")
    return NeonSettings(
        reader.secret("NEON_API_KEY"), _slug(reader, "NEON_PROJECT_ID"), reader.base_url("NEON_API_URL", NeonSettings().url)
    )


def _github(reader: Reader) -> GithubSettings:
    repository, token = reader.text("GITHUB_REPOSITORY"), reader.secret("GITHUB_TOKEN")
    if repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII):
        reader.problems.append(f"GITHUB_REPOSITORY is “{repository}”; it must be owner/name, as in mara/audiospective.")
    if token and not repository:
        reader.problems.append("GITHUB_REPOSITORY is missing; GITHUB_TOKEN is of no use without it. It must be owner/name.")
    return GithubSettings(token, repository, reader.base_url("GITHUB_API_URL", GithubSettings().url))


def _slug(reader: Reader, name: str) -> str:
    """A name that goes into an address as it is."""
    given = reader.text(name)
    if given and not re.fullmatch(r"[\w.-]+", given, re.ASCII):
        reader.problems.append(f"{name} is “{given}”; it must be letters, digits, “-”, “_” and “.” alone.")
    return given
