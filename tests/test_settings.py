"""Settings: read once, validated whole, every problem named, no secret printed."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audiospective.settings import NAMES, Environment, Secret, SettingsError, load, read_dotenv
from tests.folders import reachable_folder, without_rights

PRODUCTION = {
    "APP_ENV": "production",
    "APP_URL": "https://music.example.org",
    "APP_SECRET": "s" * 64,
    "SPOTIFY_CLIENT_ID": "id",
    "SPOTIFY_CLIENT_SECRET": "hush",
    "DATABASE_URL": "postgresql://music@db.example.org/music?sslmode=require",
}


def problems(environ: Mapping[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    return caught.value.problems


def test_nothing_set_is_development_with_the_simulator_and_an_embedded_database(tmp_path: Path) -> None:
    settings = load({"AUDIOSPECTIVE_HOME": str(tmp_path)})
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.spotify.simulated
    assert settings.database_url is None
    assert settings.app_url == "http://127.0.0.1:8000"


def test_the_development_secret_is_made_once_and_private(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(load, [{"AUDIOSPECTIVE_HOME": str(tmp_path / "home")}] * 8))
    assert len({settings.app_secrets for settings in made}) == 1
    assert stat.S_IMODE((tmp_path / "home" / "secret").stat().st_mode) == 0o600


def test_production_asks_for_everything_at_once() -> None:
    said = problems({"APP_ENV": "production"})
    assert [line.split()[0] for line in said] == ["APP_URL", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "APP_SECRET"]


def test_the_database_may_take_what_the_runbook_says_unless_more_is_set() -> None:
    assert [load({**PRODUCTION, "DATABASE_QUOTA_MB": given}).database_quota_bytes for given in ("", "20000")] == [
        512_000_000,
        20_000_000_000,
    ]


def test_production_with_everything_is_content() -> None:
    settings = load(PRODUCTION)
    assert settings.is_production
    assert not settings.spotify.simulated
    assert settings.spotify.api_url == "https://api.spotify.com"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("APP_ENV", "staging", "“staging”; it must be “production” or “development”"),
        ("APP_URL", "http://music.example.org", "https address"),
        ("APP_URL", "https://example.org/music", "“https://example.org/music”; it must be scheme and host alone"),
        ("APP_URL", "https://example.org?from=here", "must be scheme and host alone"),
        ("APP_URL", "https://mara@example.org", "must be scheme and host alone"),
        ("APP_URL", "https://music example.org", "must be scheme and host alone"),
        ("APP_URL", "music.example.org", "must be scheme and host alone"),
        ("APP_SECRET", "s" * 64 + ",short", "number 2 has 5 characters"),
        ("DATABASE_URL", "mysql://db/music", "must begin with postgresql://"),
        ("DATABASE_URL", "postgresql://db.example.org/music", "sslmode=require"),
        ("DATABASE_URL", "postgresql://db.example.org:port/music", "DATABASE_URL isn't an address that works here"),
        ("DATABASE_URL", "postgresql://[1:2]/music", "DATABASE_URL isn't an address that works here"),
        ("SENTRY_DSN", "https://key[@tracker.example.org/1", "SENTRY_DSN isn't an address that works here"),
        ("DATABASE_QUOTA_MB", "2 GB", "DATABASE_QUOTA_MB is “2 GB”; it must be a whole number of MB, as in 512."),
        ("DATABASE_QUOTA_MB", "0", "must be a whole number of MB"),
        ("SPOTIFY_CLIENT_SECRET", "", "SPOTIFY_CLIENT_SECRET is missing"),
        ("SLACK_WEBHOOK_URL", "http://chat.example.org/hush", "SLACK_WEBHOOK_URL isn't an address that works here"),
        ("SMTP_URL", "imap://mail.example.org", "smtps://user:password@host"),
        ("SMTP_URL", "smtp://mail.example.org", "ALERT_EMAIL is missing"),
        ("ALERT_EMAIL", "nobody", "ALERT_EMAIL isn't a mail address"),
        ("SMS_URL", "phone", "SMS_URL"),
        ("SPOTIFY_API_URL", "http://elsewhere.example.org", "SPOTIFY_API_URL"),
    ],
)
def test_each_wrong_value_is_named_with_what_would_be_right(name: str, value: str, said: str) -> None:
    assert any(said in line for line in problems({**PRODUCTION, name: value}))


@pytest.mark.parametrize("password", ["hu%sh", "hu[sh", "hu]sh", "hu/sh", "hu?sh", "hu#sh", "hu@sh", "hu sh"])
def test_a_password_that_would_be_cut_short_is_refused_and_not_shown(password: str) -> None:
    """The driver would complain of a part of it, in the log: “invalid percent-encoded token”, “failed to resolve host”."""
    said = problems({"DATABASE_URL": f"postgresql://music:{password}@127.0.0.1/music"})
    assert [line.partition(" ")[0] for line in said] == ["DATABASE_URL"]
    assert "hu" not in said[0].lower()


@pytest.mark.parametrize(
    "rest", ["db,other:5433/music", ":p%25%40%2Fw^{}!@db:5432/music?options=-c%20jit%3Doff", "%2Frun%2Fpostgresql/music", ""]
)
def test_every_form_of_a_database_address_is_taken(rest: str) -> None:
    assert load({**PRODUCTION, "APP_ENV": "development", "DATABASE_URL": f"postgresql://{rest}"}).database_url


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_database_on_this_machine_needs_no_tls(host: str) -> None:
    assert load({**PRODUCTION, "DATABASE_URL": f"postgresql://{host}/music"}).database_url
    assert load({**PRODUCTION, "DATABASE_URL": "postgresql:///music?host=/run/postgresql"}).database_url


def test_the_missions_own_names_are_accepted() -> None:
    renamed = {"APP_ENV": "NODE_ENV", "APP_URL": "NEXTAUTH_URL", "APP_SECRET": "NEXTAUTH_SECRET"}
    assert load({renamed.get(name, name): value for name, value in PRODUCTION.items()}) == load(PRODUCTION)


def test_secrets_never_print_themselves() -> None:
    assert "hush" not in repr(load(PRODUCTION))
    assert str(Secret("hush")) == repr(Secret("hush")) == "•••"
    assert Secret("hush") == Secret("hush") != Secret("other")


def test_where_alerts_go_is_never_printed() -> None:
    hidden = {
        "SLACK_WEBHOOK_URL": "https://chat/hush",
        "SMTP_URL": "smtps://me:hush@mail",
        "ALERT_EMAIL": "hush@a.org",
        "SMS_URL": "https://sms/hush",
    }
    assert "hush" not in repr(load({**PRODUCTION, **hidden}).alerts)
    assert "hush" not in "".join(problems({**PRODUCTION, "SMS_URL": "http://sms.example.org/hush"}))


def test_a_home_that_can_not_be_made_is_named() -> None:
    assert problems({"AUDIOSPECTIVE_HOME": "/proc/nothing"})[0].startswith("AUDIOSPECTIVE_HOME is “/proc/nothing”, which can't be made")


def test_a_dotenv_file_is_read_with_quotes_comments_and_export(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# APP_ENV=production\nexport APP_URL='http://a'\nAPP_SECRET = \"x = y\"\n\nnonsense\n")
    assert read_dotenv(tmp_path / ".env") == {"APP_URL": "http://a", "APP_SECRET": "x = y"}
    assert read_dotenv(tmp_path / "none") == {}


def test_a_remark_behind_a_value_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "APP_ENV=production # live\nAPP_URL='http://a' # here\nAPP_SECRET=x#y\nSMS_URL= # none\nSMTP_URL=\"a' # b\"\n"
    )
    assert read_dotenv(tmp_path / ".env") == {
        "APP_ENV": "production",
        "APP_URL": "http://a",
        "APP_SECRET": "x#y",
        "SMS_URL": "",
        "SMTP_URL": "a' # b",
    }


def test_the_mark_with_which_some_editors_begin_a_file_hides_no_setting(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("APP_ENV=production\n", encoding="utf-8-sig")
    assert read_dotenv(tmp_path / ".env") == {"APP_ENV": "production"}


def test_a_dotenv_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"APP_ENV=production\nAPP_URL=http://m\xfcsik\n")
    with pytest.raises(SettingsError, match=r"\.env isn't UTF-8 text, first on line 2; save it as UTF-8\."):
        read_dotenv(tmp_path / ".env")


def test_a_command_typed_in_a_folder_that_its_account_may_not_enter_finds_no_dotenv_file() -> None:
    """As `sudo -u audiospective audiospective ops backup` in root's folder."""
    with reachable_folder() as folder:
        (folder / ".env").write_text("APP_ENV=production\n")
        with without_rights(folder):
            assert read_dotenv(folder / ".env") == {}


def test_a_dotenv_file_that_its_account_may_not_read_is_named() -> None:
    with reachable_folder() as folder:
        (folder / ".env").write_text("APP_ENV=production\n")
        with without_rights(folder / ".env"), pytest.raises(SettingsError, match=r"\.env can't be read \(Permission denied\)"):
            read_dotenv(folder / ".env")


def test_every_name_has_a_sentence() -> None:
    assert all(NAMES.values())


def test_what_opens_something_is_hidden_in_each_form_that_could_turn_up() -> None:
    found = load(
        {
            "AUDIOSPECTIVE_HOME": "/nowhere",
            "APP_SECRET": "s" * 64,
            "SLACK_WEBHOOK_URL": "https://hooks.example.org/services/T1/B2/canary",
            "SMTP_URL": "smtps://mara:post-canary@mail.example.org",
            "ALERT_EMAIL": "mara@example.org",
            "SMS_URL": "https://sms.example.org/send?key=sms-canary",
            "DATABASE_URL": "postgresql://audiospective:base-canary@localhost/audiospective",
            "REDIS_URL": "redis://:canary-2@localhost:6379",
        }
    ).secrets()
    wanted = {"services/T1/B2/canary", "post-canary", "mara@example.org", "send?key=sms-canary", "base-canary", "canary-2", "s" * 64}
    assert wanted <= set(found)
    assert "audiospective" not in found


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://audiospective:a%2Fb%40c@localhost/audiospective",
        "postgresql://localhost/audiospective?user=audiospective&password=a%2Fb%40c",
        "postgresql://localhost/audiospective?sslpassword=a%2Fb%40c",
    ],
)
def test_a_password_of_the_database_is_hidden_as_it_is_written_and_as_it_is_typed(address: str) -> None:
    found = load({"AUDIOSPECTIVE_HOME": "/nowhere", "APP_SECRET": "s" * 64, "DATABASE_URL": address}).secrets()
    assert {address, "a%2Fb%40c", "a/b@c"} <= set(found)
