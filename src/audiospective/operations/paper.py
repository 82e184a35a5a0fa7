"""The runbook's two pages for people without a screen: the checklist to print, filled from how the boxes stand, and the commands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from audiospective.operations.judge import GOOD, Status
from audiospective.operations.launch import Standing

#: Heads and items of the printable checklist, each item with the first and last box that it stands for.
CHECKLIST: Final = (
    (
        "Pre-Deployment",
        (
            ("Team online", "R001", "R004"),
            ("Dashboards open", "R035", "R035"),
            ("Environment variables verified", "R010", "R014"),
            ("Database backup taken", "R018", "R018"),
            ("Rollback plan ready", "R038", "R040"),
        ),
    ),
    (
        "Deployment",
        (
            ("Git tag created ({version})", "R049", "R049"),
            ("Tag pushed", "R050", "R050"),
            ("Deployment triggered", "R056", "R056"),
            ("Build successful", "R058", "R058"),
            ("Deployment URL received", "R059", "R059"),
        ),
    ),
    (
        "Verification",
        (
            ("Health check passing", "R060", "R066"),
            ("Homepage loads", "R067", "R067"),
            ("Sign in works", "R069", "R073"),
            ("Dashboard loads", "R074", "R074"),
            ("Archival works", "R084", "R084"),
            ("Export works", "R092", "R092"),
            ("Share works", "R107", "R107"),
            ("Monitoring active", "R114", "R126"),
        ),
    ),
    (
        "Announcement",
        (
            ("2 hours stable", "R156", "R177"),
            ("Twitter posted", "R178", "R178"),
            ("Reddit posted", "R179", "R179"),
            ("Status page updated", "R181", "R181"),
        ),
    ),
    (
        "Ongoing",
        (
            ("Monitoring every hour (first day)", "R185", "R189"),
            ("Respond to user feedback", "R155", "R155"),
            ("Daily check (first week)", "R190", "R192"),
        ),
    ),
)

#: What the runbook's quick reference does, and the command that does it here.
QUICK: Final = (
    ("Health check", "curl https://[your-domain]/api/health", "audiospective ops health"),
    ("Tail production logs", "vercel logs --prod --tail", "audiospective ops logs --follow"),
    ("List deployments", "vercel ls", "audiospective ops releases"),
    ("Rollback", "vercel rollback [deployment-url]", "audiospective ops rollback"),
    ("Environment variables", "vercel env ls", "audiospective ops verify-env"),
    ("Environment variables", "vercel env pull .env.production.local", "audiospective ops verify-env"),
    ("Database", 'npx prisma studio --url="$DATABASE_URL"', "audiospective ops runbook run pre-deployment"),
    ("Database", 'psql "$DATABASE_URL"', 'psql "$DATABASE_URL"'),
    ("Test deployment", "npm test && npm run build", "make test"),
    ("Create tag", 'git tag -a v1.0.0 -m "Production release"', "audiospective ops tag 1.0.0"),
    ("Create tag", "git push origin v1.0.0", "audiospective ops tag 1.0.0"),
    ("Deploy", "vercel --prod", "audiospective ops deploy"),
)


def printable(standings: Sequence[Standing], version: str) -> str:
    """The checklist: a head is ticked when all its items are; ☒ where something failed."""
    by_id = {one.box.id: one.status for one in standings}
    lines = []
    for head, items in CHECKLIST:
        marks = [_mark([status for box, status in by_id.items() if first <= box <= last]) for _, first, last in items]
        lines.append(f"{'☑' if set(marks) == {'☑'} else '☐'} {head}")
        lines += [f"  {mark} {words.format(version=version)}" for mark, (words, _, _) in zip(marks, items, strict=True)]
    return "\n".join(lines)


def _mark(statuses: Sequence[Status]) -> str:
    if any(status is Status.FAIL for status in statuses):
        return "☒"
    return "☑" if statuses and all(status in GOOD for status in statuses) else "☐"
