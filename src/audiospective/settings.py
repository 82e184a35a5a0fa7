"""The environment, read once and validated whole: every problem is reported, one line each.

Only `bootstrap.py` and `cli/` see a whole `Settings`; a room's function takes the value that it needs.
Names and meanings: README.md, "Settings".
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
from platformdirs import user_data_path

from audiospective.environ import HTTPS, Reader, Secret, SettingsError, is_local, is_safe, opening_parts
from audiospective.outside import NAMES as OUTSIDE_NAMES
from audiospective.outside import OutsideSettings, outside

_SECRET_LENGTH = 64
#: The runbook's quota for the database, in the MB that every page and command counts in.
QUOTA_MB = 512

__all__ = ["NAMES", "Secret", "SettingsError", "is_local", "load"]  # what others take from here, wherever it is written


class Environment(StrEnum):
    """Where this runs; production refuses what is only good enough at home."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class SpotifySettings:
    """Whom to ask for plays. `simulated` is true when the built-in simulator stands in."""

    client_id: str
    client_secret: Secret
    accounts_url: str
    api_url: str
    simulated: bool


class SchedulerSettings(msgspec.Struct, frozen=True):
    """An outside scheduler that may call us (QStash); without keys nobody may."""

    url: str = "https://qstash.upstash.io"
    token: Secret = msgspec.field(default_factory=lambda: Secret(""))
    signing_keys: tuple[Secret, ...] = ()

    @property
    def can_publish(self) -> bool:
        """Whether we may ask it to call us."""
        return bool(self.token.reveal() and self.signing_keys)


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where operators are told; None or empty: that channel isn't there. Each address holds a secret."""

    slack_webhook_url: Secret | None = None
    smtp_url: Secret | None = None
    email: str = field(default="", repr=False)
    sms_url: Secret | None = None


class TrackerSettings(msgspec.Struct, frozen=True):
    """Where errors are told (Sentry's protocol); an empty address: to the log alone."""

    dsn: Secret = msgspec.field(default_factory=lambda: Secret(""))
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, grouped by who needs it."""

    environment: Environment
    home: Path
    database_url: str | None
    """None: the embedded Postgres in `home`."""
    app_url: str
    app_secrets: tuple[Secret, ...] = field(repr=False)
    """The first seals and signs, all open and verify."""
    spotify: SpotifySettings
    scheduler: SchedulerSettings = field(default_factory=SchedulerSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    tracker: TrackerSettings = field(default_factory=TrackerSettings)
    outside: OutsideSettings = field(default_factory=OutsideSettings)
    export_folder: Path | None = None
    """Where copies of archives go by themselves, if listeners ask for it; None: nowhere on this machine."""
    local_hosts: frozenset[str] = frozenset()
    """Hosts of one's own network that listeners' hooks and buckets may be on."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose X-Forwarded-For tells who asks; nobody else's is believed."""
    database_quota_mb: int = QUOTA_MB
    """How much room the database may take."""

    @property
    def is_production(self) -> bool:
        """Whether the strict rules hold."""
        return self.environment is Environment.PRODUCTION

    @property
    def database_quota_bytes(self) -> int:
        """The same, as the database counts."""
        return self.database_quota_mb * 1_000_000

    def secrets(self) -> list[str]:
        """Every text that opens something or reaches somebody, in each form in which it could turn up; none is ever shown."""
        plain = [*self.app_secrets, self.spotify.client_secret, self.scheduler.token, *self.scheduler.signing_keys, *self.outside.secrets()]
        hooks = [self.alerts.slack_webhook_url, self.alerts.sms_url]
        addresses = [self.alerts.smtp_url, self.tracker.dsn, Secret(self.database_url or ""), self.outside.redis.url]
        opening = [part for one in hooks if one for part in opening_parts(one.reveal(), is_hook=True)]
        opening += [part for one in addresses if one for part in opening_parts(one.reveal())]
        held = {*(secret.reveal() for secret in plain), *opening, self.alerts.email}
        return sorted(held - {"", "simulator"}, key=len, reverse=True)  # the whole before its parts


#: Every variable that is read, with one sentence; README.md's table and a house test compare themselves with it.
NAMES: dict[str, str] = {
    "APP_ENV": "`production` or `development` (default); `NODE_ENV` is accepted too",
    "APP_URL": "public address without a trailing slash, https in production; `NEXTAUTH_URL` is accepted too",
    "APP_SECRET": "64 characters or more; a comma-separated list rotates; `NEXTAUTH_SECRET` is accepted too",
    "AUDIOSPECTIVE_HOME": "data folder",
    "DATABASE_URL": "Postgres 14 or newer; absent: the embedded one in the data folder",
    "DATABASE_QUOTA_MB": "how many MB the database may take; `512` unless set",
    "SPOTIFY_CLIENT_ID": "from developer.spotify.com; absent in development: the simulator",
    "SPOTIFY_CLIENT_SECRET": "belongs to the client id",
    "SPOTIFY_ACCOUNTS_URL": "base address of Spotify's sign-in host",
    "SPOTIFY_API_URL": "base address of Spotify's Web API host",
    "QSTASH_CURRENT_SIGNING_KEY": "an outside scheduler may call; absent: the built-in one alone",
    "QSTASH_NEXT_SIGNING_KEY": "the key that it will sign with next",
    "QSTASH_TOKEN": "lets it call back for each batch of people; absent: one call sweeps all",
    "QSTASH_URL": "base address of the outside scheduler",
    "SLACK_WEBHOOK_URL": "chat that operators read; any hook that takes a JSON `text`",
    "SMTP_URL": "mail server for alerts, as in smtps://user:password@mail.example.org",
    "ALERT_EMAIL": "who gets alerts by mail; belongs to SMTP_URL",
    "EXPORT_FOLDER": "where copies of archives go by themselves, for listeners who ask for it; absent: to their buckets alone",
    "LOCAL_HOSTS": "hosts of one's own network that listeners' hooks and buckets may be on, with commas between",
    "TRUSTED_PROXIES": "addresses or networks of the proxies in front, with commas between; their `X-Forwarded-For` alone says who asks",
    "SENTRY_DSN": "where errors are told; absent: to the log alone",
    "SENTRY_ENVIRONMENT": "what the tracker calls this instance's environment; absent: that of APP_ENV",
    "SMS_URL": "hook that sends a JSON `text` to a phone",
} | OUTSIDE_NAMES

DEFAULT_APP_URL = "http://127.0.0.1:8000"
SIMULATOR_URL = "http://127.0.0.1:8001"


#: What the driver and we read alike: nothing in a user or password that ends it early, and ports that are numbers.
_PART = r"(?:[^\s/?#@%\[\]]|%[0-9A-Fa-f]{2})*"
_HOST = r"(?:\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]|(?:[^\s/?#@%\[\]:,]|%[0-9A-Fa-f]{2})*)(?::(?:[1-9][0-9]{0,4})?)?"
_REST = r"(?:/(?:[^\s?#%]|%[0-9A-Fa-f]{2})*)?(?:\?(?:[^\s#%]|%[0-9A-Fa-f]{2})*)?"
_POSTGRES_URL = re.compile(rf"postgres(?:ql)?://(?:{_PART}@)?{_HOST}(?:,{_HOST})*{_REST}")


def _is_postgres_url(given: str) -> bool:
    try:
        return bool(_POSTGRES_URL.fullmatch(given) and urlsplit(given))
    except ValueError:  # brackets around what is no address
        return False


def default_home() -> Path:
    """The platform's user data folder; for root `/var/lib`, since Postgres, run as another account, must reach it."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/audiospective")
    return user_data_path("audiospective")


def read_dotenv(path: Path) -> dict[str, str]:
    """`NAME=value` lines of a `.env` file; `#` lines, what follows a ` #`, and quotes around a value are dropped. Raises SettingsError."""
    values: dict[str, str] = {}
    for line in _dotenv_text(path).splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            values[name.strip()] = _dotenv_value(value.strip())
    return values


def _dotenv_text(path: Path) -> str:
    """What stands in the file; "" where there is none, as in a folder that this account may not enter: nobody put it there for us."""
    if not os.access(path, os.F_OK, effective_ids=True) or not path.is_file():
        return ""
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError([f"{path} isn't UTF-8 text, first on line {line}; save it as UTF-8."]) from error
    except OSError as error:
        raise SettingsError([f"{path} can't be read ({error.strerror}); let this account read it, or take it away."]) from error


def _dotenv_value(given: str) -> str:
    if given[:1] in {"'", '"'} and (end := given.find(given[0], 1)) > 0 and given[end + 1 :].lstrip()[:1] in {"", "#"}:
        return given[1:end]
    return re.split(r"(?:^|\s)#", given, maxsplit=1)[0].rstrip()


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment; raises SettingsError with all problems at once.

    Writes one file: in development without APP_SECRET a secret is made once in the data folder (mode 0600).
    """
    reader = _Reader(environ)
    environment = reader.environment()
    home = Path(reader.text("AUDIOSPECTIVE_HOME") or default_home()).expanduser().absolute()
    strict = environment is Environment.PRODUCTION
    database_url = reader.database_url(strict)
    app_url = reader.app_url(strict)
    spotify = reader.spotify(strict)
    scheduler = reader.scheduler()
    alerts = reader.alerts()
    tracker = reader.tracker(environment)
    others = outside(reader)
    export_folder, local_hosts = reader.copies()
    proxies = reader.trusted_proxies()
    quota_mb = reader.database_quota_mb()
    given = reader.app_secrets(strict)
    if reader.problems:
        raise SettingsError(reader.problems)
    own = given or (_home_secret(home),)
    parts = (spotify, scheduler, alerts, tracker, others)
    return Settings(environment, home, database_url, app_url, own, *parts, export_folder, local_hosts, proxies, quota_mb)


class _Reader(Reader):
    """Reads what this program itself needs."""

    def copies(self) -> tuple[Path | None, frozenset[str]]:
        given = self.text("EXPORT_FOLDER")
        folder = Path(given).expanduser() if given else None
        if folder is not None and not folder.is_absolute():
            self.problems.append(f"EXPORT_FOLDER is “{given}”; it must be a whole path, as in /srv/copies.")
        hosts = frozenset(host.strip().lower() for host in self.text("LOCAL_HOSTS").split(",") if host.strip())
        if wrong := [host for host in sorted(hosts) if not re.fullmatch(r"[a-z0-9.:-]+", host)]:
            self.problems.append(f"LOCAL_HOSTS names “{wrong[0]}”; it must be host names with commas between, as in nas.home,192.168.1.5.")
        return folder, hosts

    def trusted_proxies(self) -> tuple[str, ...]:
        given = tuple(one.strip() for one in self.text("TRUSTED_PROXIES").split(",") if one.strip())
        for one in given:
            try:
                ipaddress.ip_network(one)
            except ValueError:
                self.problems.append(f"TRUSTED_PROXIES names “{one}”; it must be addresses or networks, as in 127.0.0.1,10.0.0.0/8.")
        return given

    def environment(self) -> Environment:
        given = self.text("APP_ENV", "NODE_ENV") or Environment.DEVELOPMENT
        if given in set(Environment):
            return Environment(given)
        self.problems.append(f"APP_ENV is “{given}”; it must be “production” or “development”.")
        return Environment.DEVELOPMENT

    def database_url(self, strict: bool) -> str | None:
        given = self.text("DATABASE_URL")
        if not given:
            return None
        if not given.startswith(("postgres://", "postgresql://")):
            self.problems.append("DATABASE_URL must begin with postgresql://, as in postgresql://user:password@host/name.")
            return None
        if not _is_postgres_url(given):  # or the driver's complaint would show what it took of the password for a host or a port
            self.problems.append(
                "DATABASE_URL isn't an address that works here; it must be postgresql://user:password@host:port/name, "
                "with @ / ? # [ ] % in a password written as %40 %2F %3F %23 %5B %5D %25."
            )
            return None
        parts = urlsplit(given)
        query = parse_qs(parts.query)
        host = (query.get("host") or [parts.hostname or ""])[0]
        secure = (query.get("sslmode") or [""])[0] in {"require", "verify-ca", "verify-full"}
        if strict and not secure and not is_local(host):
            self.problems.append("DATABASE_URL lacks sslmode=require (or stronger), which production needs for a database on another host.")
        return given

    def database_quota_mb(self) -> int:
        given = self.text("DATABASE_QUOTA_MB") or f"{QUOTA_MB}"
        if re.fullmatch(r"[1-9][0-9]{0,8}", given):
            return int(given)
        self.problems.append(f"DATABASE_QUOTA_MB is “{given[:20]}”; it must be a whole number of MB, as in {QUOTA_MB}.")
        return QUOTA_MB

    def app_url(self, strict: bool) -> str:
        given = self.text("APP_URL", "NEXTAUTH_URL")
        if not given and strict:
            self.problems.append("APP_URL is missing; production needs the public address, as in https://music.example.org.")
        if given and not re.fullmatch(r"[a-z]+://[^\s/?#@]*/*", given, re.IGNORECASE):
            self.problems.append(
                f"APP_URL is “{given}”; it must be scheme and host alone, as in https://music.example.org, where pages begin."
            )
            return given
        if strict:
            return self.url("APP_URL", given, lambda s, _: s == "https", "an https address") if given else ""
        return self.url("APP_URL", given or DEFAULT_APP_URL, lambda s, _: s in {"http", "https"}, "an http or https address")

    def spotify(self, strict: bool) -> SpotifySettings:
        client_id, client_secret = self.text("SPOTIFY_CLIENT_ID"), self.text("SPOTIFY_CLIENT_SECRET")
        for name, value, other in (("SPOTIFY_CLIENT_ID", client_id, client_secret), ("SPOTIFY_CLIENT_SECRET", client_secret, client_id)):
            if not value and (strict or other):
                self.problems.append(f"{name} is missing; copy it from your app's page on developer.spotify.com.")
        simulated = not client_id and not client_secret
        base = SIMULATOR_URL if simulated else ""
        return SpotifySettings(
            client_id=client_id or "simulator",
            client_secret=Secret(client_secret or "simulator"),
            accounts_url=self.url(
                "SPOTIFY_ACCOUNTS_URL", self.text("SPOTIFY_ACCOUNTS_URL") or base or "https://accounts.spotify.com", is_safe, HTTPS
            ),
            api_url=self.url("SPOTIFY_API_URL", self.text("SPOTIFY_API_URL") or base or "https://api.spotify.com", is_safe, HTTPS),
            simulated=simulated,
        )

    def scheduler(self) -> SchedulerSettings:
        names = ("QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY")
        keys = tuple(Secret(text) for name in names if (text := self.text(name)))
        if len(keys) == 1:
            missing = next(name for name in names if not self.text(name))
            self.problems.append(f"{missing} is missing; copy both signing keys from the scheduler's page, or neither.")
        url = self.base_url("QSTASH_URL", SchedulerSettings().url)
        return SchedulerSettings(url, self.secret("QSTASH_TOKEN"), keys)

    def alerts(self) -> AlertSettings:
        smtp, email = self.text("SMTP_URL"), self.text("ALERT_EMAIL")
        for name, value, other in (("SMTP_URL", smtp, email), ("ALERT_EMAIL", email, smtp)):
            if other and not value:
                self.problems.append(f"{name} is missing; alerts by mail need a server (SMTP_URL) and an address (ALERT_EMAIL).")
        if email and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", email):
            self.problems.append("ALERT_EMAIL isn't a mail address; it must be one, as in alerts@example.org.")
        return AlertSettings(
            slack_webhook_url=self.sealed_url("SLACK_WEBHOOK_URL", is_safe, HTTPS),
            smtp_url=self.sealed_url("SMTP_URL", lambda s, h: s in {"smtp", "smtps"} and bool(h), "smtp://… or smtps://user:password@host"),
            email=email,
            sms_url=self.sealed_url("SMS_URL", is_safe, HTTPS),
        )

    def tracker(self, environment: Environment) -> TrackerSettings:
        want, known = "https://key@host/project, as the tracker's page shows it", len(self.problems)
        dsn = self.sealed_url("SENTRY_DSN", is_safe, want)
        if dsn is not None and len(self.problems) == known and "@" not in urlsplit(dsn.reveal()).netloc:
            self.problems.append(f"SENTRY_DSN lacks its key; it must be {want}.")
        return TrackerSettings(dsn or Secret(""), self.text("SENTRY_ENVIRONMENT") or environment.value)

    def app_secrets(self, strict: bool) -> tuple[Secret, ...]:
        given = [s.strip() for s in self.text("APP_SECRET", "NEXTAUTH_SECRET").split(",") if s.strip()]
        if strict and not given:
            wanted = f"production needs {_SECRET_LENGTH} random characters or more, as “openssl rand -hex 32” prints them"
            self.problems.append(f"APP_SECRET is missing; {wanted}.")
        for index, text in enumerate(given, start=1):
            if strict and len(text) < _SECRET_LENGTH:
                self.problems.append(f"APP_SECRET number {index} has {len(text)} characters; production needs {_SECRET_LENGTH} or more.")
        return tuple(Secret(text) for text in given)


def make_home(home: Path) -> None:
    """Make sure that the data folder is there and ours to write; raises SettingsError."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            [f"AUDIOSPECTIVE_HOME is “{home}”, which can't be made: {error.strerror}. Name a folder of your own."]
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsError([f"AUDIOSPECTIVE_HOME is “{home}”, which may not be written. Name a folder of your own."])


def _home_secret(home: Path) -> Secret:
    """The development secret of this data folder; made once, also when many processes start together."""
    path = home / "secret"
    make_home(home)
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=home, encoding="ascii") as file:  # mode 0600
            file.write(secrets.token_urlsafe(_SECRET_LENGTH))
            file.flush()
            with contextlib.suppress(FileExistsError):  # whoever links first has made it, and nobody ever reads half of one
                os.link(file.name, path)
    return Secret(path.read_text(encoding="ascii").strip())
