"""Answers to the four questions that people ask most (runbook, "User Support"); each says what this program does and no more."""

from __future__ import annotations

from typing import Final

import msgspec

from audiospective.errors import Invalid
from audiospective.spotify.oauth import SCOPE


class Answer(msgspec.Struct, frozen=True):
    """A question and what to say."""

    id: str
    question: str
    text: str


class Provider(msgspec.Struct, frozen=True):
    """Whom to ask when they are at fault, and how soon they answer (runbook, "Service Providers")."""

    name: str
    mail: str
    where: str
    answers: str


PROVIDERS: Final = (
    Provider("Vercel", "support@vercel.com", "https://vercel.com/support", "24–48 h (Pro)"),
    Provider("Neon", "support@neon.tech", "https://neon.tech/docs/introduction/support", "24–48 h (Free)"),
    Provider("Upstash", "support@upstash.com", "https://discord.gg/upstash", "community"),
    Provider("Sentry", "support@sentry.io", "https://sentry.io/support", "24–48 h (Team)"),
    Provider("Spotify", "api-support@spotify.com", "https://developer.spotify.com/support", "community"),
)

_SCOPES: Final = {
    "user-read-recently-played": "to fetch your last 50 plays",
    "user-top-read": "to show your top tracks and artists",
    "user-read-email": "to identify your account",
}


def answers(app_url: str) -> list[Answer]:
    """All four, for the instance at this address."""
    asked = "\n".join(f"- {scope}: {_SCOPES.get(scope, 'see our Privacy Policy')}" for scope in SCOPE.split())
    privacy = f"See our Privacy Policy: {app_url}/privacy"
    https = "- All connections are encrypted (HTTPS)\n" if app_url.startswith("https://") else ""
    return [
        Answer(
            "Q1",
            "Why does the app need so many Spotify permissions?",
            f"We ask for exactly this, to archive your listening history:\n\n{asked}\n\n"
            f"We never access your playlists or followers. {privacy}",
        ),
        Answer(
            "Q2",
            "How often is my data archived?",
            "Your Spotify history is archived automatically every hour, or more often if you play much. "
            "You can also do it at any time by pressing “Archive now” on your dashboard.",
        ),
        Answer(
            "Q3",
            "Can I delete my data?",
            'Yes, at any time:\n\n1. Go to your dashboard\n2. Open "Settings" → "Delete Account"\n3. Confirm\n\n'
            "Your data is deleted at once; backups that still hold it expire by themselves.",
        ),
        Answer(
            "Q4",
            "Is this safe? Do you sell my data?",
            f"We never sell or share your data.\n\n{https}- Spotify’s tokens are stored encrypted\n- Pages load nothing from other sites\n"
            f"- You can delete everything at any time\n- The code is open\n\n{privacy}",
        ),
    ]


def answer(question: str, app_url: str) -> Answer:
    """One of them; raises Invalid."""
    for one in answers(app_url):
        if one.id == question.upper():
            return one
    raise Invalid(f"There is no answer “{question[:20]}”; there are Q1 to Q4.", field="question")
