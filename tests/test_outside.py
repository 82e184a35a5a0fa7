"""Settings of outside services: absent by default, whole or refused with a sentence, never printed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from audiospective.environ import Reader
from audiospective.outside import STATUS_PAGES, OutsideSettings, outside

_ALL = {
    "UPSTASH_REDIS_REST_URL": "https://one.upstash.io/",
    "UPSTASH_REDIS_REST_TOKEN": "hush-redis",
    "SENTRY_AUTH_TOKEN": "hush-sentry",
    "SENTRY_ORG": "quill",
    "SENTRY_PROJECT": "archive",
    "VERCEL_TOKEN": "hush-vercel",
    "VERCEL_PROJECT_ID": "prj_1",
    "NEON_API_KEY": "hush-neon",
    "NEON_PROJECT_ID": "small-tide-1",
    "UPTIMEROBOT_API_KEY": "hush-uptime",
    "GITHUB_REPOSITORY": "mara/audiospective",
    "GITHUB_TOKEN": "hush-github",
}


def _read(environ: Mapping[str, str]) -> tuple[OutsideSettings, list[str]]:
    reader = Reader(environ)
    return outside(reader), reader.problems


def test_nothing_set_is_nothing_there() -> None:
    found, problems = _read({})
    assert (found, problems) == (OutsideSettings(), [])
    assert not found.redis.is_set
    assert found.status_pages == STATUS_PAGES


def test_everything_set_is_content_and_printed_nowhere() -> None:
    found, problems = _read(_ALL)
    assert problems == []
    assert (found.redis.rest_url, found.vercel.project, found.github.repository) == (
        "https://one.upstash.io",
        "prj_1",
        "mara/audiospective",
    )
    assert "hush" not in repr(found)
    assert len(found.secrets()) == 6


def test_every_service_can_be_asked_elsewhere() -> None:
    names = ("SENTRY", "VERCEL", "NEON", "UPTIMEROBOT", "GITHUB")
    found, problems = _read(
        {f"{name}_API_URL": "http://127.0.0.1:9/x/" for name in names} | {"STATUS_PAGES": "http://127.0.0.1:9, https://a.org"}
    )
    assert problems == []
    assert {getattr(found, name.lower()).url for name in names} == {"http://127.0.0.1:9/x"}
    assert found.status_pages == ("http://127.0.0.1:9", "https://a.org")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("UPSTASH_REDIS_REST_TOKEN", "", "UPSTASH_REDIS_REST_TOKEN is missing; copy the REST address and its token"),
        ("UPSTASH_REDIS_REST_URL", "", "UPSTASH_REDIS_REST_URL is missing"),
        (
            "UPSTASH_REDIS_REST_URL",
            "http://one.upstash.io",
            "UPSTASH_REDIS_REST_URL is “http://one.upstash.io”; it must be an https address",
        ),
        ("UPSTASH_REDIS_REST_TOKEN", "two words", "has a space or a line break"),
        ("REDIS_URL", "redis://localhost", "are both set; keep one"),
        ("REDIS_URL", "http://localhost", "REDIS_URL isn't an address that works here; it must be redis://"),
        ("REDIS_URL", "redis://host:port", "REDIS_URL isn't an address"),
        ("SENTRY_ORG", "", "SENTRY_ORG is missing; SENTRY_AUTH_TOKEN can't ask without it"),
        ("SENTRY_PROJECT", "a/b", "SENTRY_PROJECT is “a/b”; it must be letters"),
        ("VERCEL_TOKEN", "", "VERCEL_TOKEN is missing"),
        ("VERCEL_PROJECT_ID", "", "VERCEL_PROJECT_ID is missing"),
        ("NEON_API_KEY", "", "NEON_API_KEY is missing"),
        ("NEON_PROJECT_ID", "../x", "NEON_PROJECT_ID is “../x”"),
        ("GITHUB_REPOSITORY", "", "GITHUB_REPOSITORY is missing; GITHUB_TOKEN is of no use"),
        ("GITHUB_REPOSITORY", "https://github.com/a/b", "it must be owner/name"),
        ("VERCEL_API_URL", "ftp://a.org", "VERCEL_API_URL is “ftp://a.org”"),
        ("STATUS_PAGES", "https://a.org, b.org", "STATUS_PAGES is “b.org”"),
    ],
)
def test_each_wrong_value_is_named_with_what_would_be_right(name: str, value: str, said: str) -> None:
    _, problems = _read(_ALL | {name: value})
    assert any(said in line for line in problems), problems
    assert "hush" not in "".join(problems)


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://:hush@redis.example.org:6379/2", "unix:///run/redis.sock"])
def test_redis_is_reached_by_its_own_protocol_too(url: str) -> None:
    found, problems = _read({"REDIS_URL": url})
    assert (problems, found.redis.is_set, found.redis.url.reveal()) == ([], True, url)
