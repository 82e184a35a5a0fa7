"""A secret that was ever committed is found, whoever took it out again since; and is never told."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from audiospective.errors import Unavailable
from audiospective.operations.judge import Reading
from audiospective.operations.probes import leaks
from tests.operations.checkout import TOKEN, Checkout

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[2]
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def drawn(length: int, letters: str = _LETTERS) -> str:
    """As a provider draws it; never the same letters as in this file."""
    chance = random.Random(length)
    return "7a" + "".join(chance.choices(letters, k=length - 2))


#: A line for each kind of secret that is known.
LINES = {
    "a token of GitHub": f"token: gho_{drawn(36)}",
    "a token of Slack": f"xoxb-{drawn(12, '0123456789')}-{drawn(24)}",
    "a hook of Slack": f"https://hooks.slack.com/services/T0123456A/B0123456B/{drawn(24)}",
    "a token of Sentry": f"'sntrys_{drawn(80)}'",
    "a key of Neon": f"napi_{drawn(60, _LETTERS[26:])}",
    "a password of Neon": f"npg_{drawn(14)}",
    "a token of Vercel": f"vcp_{drawn(56)}",
    "a token of QStash": f"eyJVc2VySUQi{drawn(60)}==",
    "a signing key of QStash": f"sig_{drawn(28)}",
    "a key of AWS": f"AKIA{drawn(18, _LETTERS[:26])[2:]}",
    "a private key": f"-----BEGIN EC PRIVATE KEY-----\n{drawn(64)}\n{drawn(64)}",
    "a personal token": f"Authorization: Bearer as_{drawn(43)}",
    "an address with its password": f"postgresql://archive:{drawn(20)}@db.example.org/archive",
    "a variable with its secret": f'"APP_SECRET": "{drawn(64)}"',
}

HARMLESS = (
    "APP_SECRET=",
    "NEXTAUTH_SECRET=change-me-to-something-of-64-characters-or-more",
    "SPOTIFY_CLIENT_SECRET=\nSPOTIFY_API_URL=https://api.spotify.com",
    "QSTASH_TOKEN=${{ secrets.QSTASH_TOKEN_2 }}",
    "postgresql://archive:archive@localhost/archive",
    "API_KEY = settings.outside.uptimerobot_key_1",
    "-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----",
    "self.as_tuple, xoxo, ghp_, sig_256",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return Checkout(folder)


def test_a_token_that_was_taken_out_again_is_found_with_its_commit_file_and_line(checkout: Checkout) -> None:
    brought = checkout.plant()
    found = leaks.search(checkout.folder)
    assert [(one.commit, one.path, one.line, one.kind) for one in found] == [(brought, "src/notes.txt", 3, "a token of GitHub")]
    assert TOKEN not in found[0].place


@pytest.mark.parametrize("kind", LINES)
def test_every_known_kind_is_found(checkout: Checkout, kind: str) -> None:
    brought = checkout.commit("some/file.txt", f"first\n{LINES[kind]}\n")
    assert [(one.commit, one.line, one.kind) for one in leaks.search(checkout.folder)] == [(brought, 2, kind)]


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_looks_like_one_is_left_alone(checkout: Checkout, line: str) -> None:
    checkout.commit("some/file.txt", f"{line}\n")
    assert leaks.search(checkout.folder) == []


def test_a_message_a_branch_and_a_merge_are_read_too(checkout: Checkout) -> None:
    told = checkout.commit("a.txt", "a\n", message=f"Use {TOKEN}")
    checkout.git("checkout", "--quiet", "-b", "aside", "HEAD^")
    aside = checkout.commit("b.txt", f"{TOKEN}\n")
    checkout.git("checkout", "--quiet", "main")
    assert {(one.commit, one.path) for one in leaks.search(checkout.folder)} == {(told, ""), (aside, "b.txt")}


def test_a_secret_of_this_instance_is_found_by_its_value(checkout: Checkout, tmp_path: Path) -> None:
    brought = checkout.commit("config.py", f"password = '{drawn(24)}'\n")
    seen = tmp_path / "seen"
    assert leaks.search(checkout.folder, [], seen) == []
    (found,) = leaks.search(checkout.folder, [drawn(24), "short"], seen)
    assert (found.commit, found.kind) == (brought, "a secret of this instance")


def test_what_was_found_clean_is_not_read_again_and_what_came_since_is(checkout: Checkout, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    assert leaks.search(checkout.folder, [], seen) == []
    _lose(checkout, "HEAD:README.md")
    with pytest.raises(Unavailable):
        leaks.search(checkout.folder)
    assert leaks.search(checkout.folder, [], seen) == []
    brought = checkout.commit("b.txt", f"{TOKEN}\n")
    for _ in range(2):  # what isn't clean isn't remembered
        assert [one.commit for one in leaks.search(checkout.folder, [], seen)] == [brought]


def test_other_rules_read_everything_anew(checkout: Checkout, tmp_path: Path) -> None:
    brought = checkout.plant()
    seen = tmp_path / "seen"
    seen.write_text(f"older-rules\n{checkout.git('rev-parse', 'HEAD')}", "utf-8")
    assert [one.commit for one in leaks.search(checkout.folder, [], seen)] == [brought]


def test_where_there_is_no_whole_history_nothing_is_said_to_be_clean(checkout: Checkout, tmp_path: Path) -> None:
    checkout.commit("a.txt", "a\n")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{checkout.folder}", shallow], check=True)
    for folder in (shallow, tmp_path):
        with pytest.raises(Unavailable):
            leaks.search(folder)
        public = Reading("public", "github")
        assert leaks.weighed(public, folder, [], tmp_path / "seen").problem
        private = Reading("private", "github")
        assert leaks.weighed(private, folder, [], tmp_path / "seen") == private


def test_a_secret_counts_wherever_the_source_lies(checkout: Checkout, tmp_path: Path) -> None:
    elsewhere = Reading(source="ci", inapplicable="not needed on one machine")
    assert leaks.weighed(elsewhere, checkout.folder, [], tmp_path / "seen") == elsewhere
    brought = checkout.plant()
    found = leaks.weighed(elsewhere, checkout.folder, [], tmp_path / "seen")
    assert found.value == "secrets in its history: 1"
    assert found.note == f"a token of GitHub in {brought[:8]} src/notes.txt:3"


def test_our_own_history_holds_none() -> None:
    assert [one.place for one in leaks.search(ROOT)] == []


def _lose(checkout: Checkout, name: str) -> None:
    found = checkout.git("rev-parse", name)
    (checkout.folder / ".git" / "objects" / found[:2] / found[2:]).unlink()
