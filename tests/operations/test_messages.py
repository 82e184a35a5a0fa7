"""The 27 messages: each is rendered from facts, refuses what it doesn't know, and claims only what was found to be so."""

from __future__ import annotations

import re

import pytest

from audiospective.errors import Invalid
from audiospective.operations.messages import POST_LENGTH, PRODUCT, TEXTS, Medium, Text, length, named, render, template, wants

URL = "https://music.example.org"


def facts(text: Text, *, claims: str = "true") -> dict[str, str]:
    needed, claimed = wants(text)
    return {name: URL if name.endswith("url") else f"a {name.replace('_', ' ')}" for name in needed if name not in PRODUCT} | dict.fromkeys(
        claimed, claims
    )


def by_id(text: Text) -> str:
    return text.id


def test_there_are_27() -> None:
    assert [text.id for text in TEXTS] == [f"M{number:02}" for number in range(1, 28)]


@pytest.mark.parametrize("text", TEXTS, ids=by_id)
def test_each_is_rendered_whole(text: Text) -> None:
    draft = render(text, facts(text))
    assert draft.body
    assert not re.search(r"[{}\[\]]", draft.subject + draft.body)


@pytest.mark.parametrize("text", [text for text in TEXTS if set(wants(text)[0]) - set(PRODUCT)], ids=by_id)
def test_each_missing_fact_refuses_the_message_by_its_name(text: Text) -> None:
    for name in set(wants(text)[0]) - set(PRODUCT):
        with pytest.raises(Invalid, match=rf"{text.id} can't be written: {name} not known"):
            render(text, facts(text) | {name: " "})


@pytest.mark.parametrize("text", [text for text in TEXTS if wants(text)[1]], ids=by_id)
@pytest.mark.parametrize("said", ["", "false", "yes"])
def test_a_claim_stands_only_where_a_check_says_so(text: Text, said: str) -> None:
    claims = [line.partition("}")[2] for line in template(text).splitlines() if line.startswith("{?")]
    body = render(text, facts(text, claims=said)).body
    assert [claim for claim in claims if claim in body] == []
    assert all(claim in render(text, facts(text)).body for claim in claims)


@pytest.mark.parametrize("text", [text for text in TEXTS if text.medium is Medium.POST], ids=by_id)
def test_each_post_fits(text: Text) -> None:
    assert render(text, facts(text)).length <= POST_LENGTH


def test_a_post_that_is_too_long_is_refused() -> None:
    with pytest.raises(Invalid, match="280 is the most"):
        render(named("M18"), {"feature": "x" * 280})


def test_a_link_counts_23_and_a_pictograph_two() -> None:
    assert length("see https://music.example.org/a/very/long/path/indeed") == 4 + 23
    assert length("🎉 ok") == 5


def test_our_own_stack_is_named_and_no_other() -> None:
    said = "".join(render(text, facts(text)).body for text in TEXTS)
    assert "Python" in said
    assert not re.search(r"next\.?js|prisma|vercel|nextauth", said, re.IGNORECASE)


def test_a_mail_has_its_subject_apart() -> None:
    draft = render(named("m08"), facts(named("M08")))
    assert (draft.subject, draft.body.splitlines()[0]) == ("🎉 Audiospective is now live!", "Hi a recipient,")


def test_an_unknown_message_is_refused() -> None:
    with pytest.raises(Invalid, match="M01 to M27"):
        named("M28")
