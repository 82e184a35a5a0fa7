"""What rooms say in English is told in the language that is spoken; what nobody knows stays as it is."""

from __future__ import annotations

import pytest

from audiospective.infra.language import language, speaking
from audiospective.web.retold import retold


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("This account doesn't exist on this instance any more.", "Dieses Konto gibt es auf dieser Instanz nicht mehr."),
        (
            "“Lisbon” is no time zone; use a name such as “Europe/Lisbon”.",
            "„Lisbon“ ist keine Zeitzone; nimm einen Namen wie „Europe/Lisbon“.",
        ),
        ("You haven't heard any artist called “{x} %s <b>”.", "Nichts, was du gehört hast, heißt „{x} %s <b>“ (Künstler)."),
        ("The store answered 500.", "Der Speicher antwortete 500."),
        ("The store answered 403: the key may not write there.", "Der Speicher antwortete 403: Der Schlüssel darf dort nicht schreiben."),
        ("The store can't be reached (TimeoutError).", "Der Speicher ist nicht zu erreichen (TimeoutError)."),
        ("Nobody wrote this sentence.", "Nobody wrote this sentence."),
        ("", ""),
    ],
)
def test_messages_are_told_in_german(said: str, told: str) -> None:
    german = language("de")
    assert german is not None
    with speaking(german):
        assert retold(said) == told


def test_a_sentence_within_a_sentence_is_told_too() -> None:
    japanese = language("ja")
    assert japanese is not None
    with speaking(japanese):
        assert retold("Spotify told this instance to wait. Your archive tries again by itself.").startswith("Spotify がこのインスタンス")


def test_in_english_nothing_changes() -> None:
    assert retold("“Lisbon” isn't a time zone.") == "“Lisbon” isn't a time zone."
