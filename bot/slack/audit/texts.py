"""The words of the audit: whether it adds up, what may explain it where not, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.credits.amounts import amount
from bot.credits.audit import Audit, Gap
from bot.credits.auditor import Audited
from bot.credits.balances import EXACT, ChargeWindow
from bot.slack.kit.text import credits_of, moment_mrkdwn

# `python -m bot audit` goes back to the beginning.
LOOK_BACK: Final = timedelta(days=90)
AUDITS_MAX: Final = 5  # of one person's, in so many minutes
AUDITS_MINUTES: Final = 10
_LISTED_MAX: Final = 8

ADMINS_ONLY: Final = "Only admins can ask for the audit."
ADMIN_UNKNOWN: Final = (
    "I couldn't check whether you're an admin, so nothing was looked at. Please try again in a "
    "minute."
)
LOOKING: Final = (
    "I'm comparing the ledger with PowerPost's balance. This only reads, and costs nothing. The "
    "outcome comes here; if you close this, it comes in our direct message."
)
TOO_MANY: Final = (
    f"You can have {AUDITS_MAX} audits in {AUDITS_MINUTES} minutes. Please ask again soon."
)
UNREAD: Final = (
    "The audit couldn't be made: the database or PowerPost doesn't answer. Nothing was changed. "
    "Please ask again in a minute. If that doesn't help, the person who runs me can try "
    "`python -m bot doctor`."
)
NOTHING_YET: Final = (
    "No request was paid for in the last 90 days, so there is nothing to compare yet."
)
WHERE_MORE: Final = (
    "This looked at the last 90 days. `python -m bot audit --since 2026-01-31`, on the machine "
    "that I run on, looks further back."
)


def audit_mrkdwn(audited: Audited) -> list[str]:
    """What was found, in paragraphs."""
    found = audited.found
    if found is None:
        said = [NOTHING_YET]
    else:
        said = [_verdict(audited, found), _sums(found), *_explain(found)]
    if audited.wrong:
        said.append(
            f":warning: *Budgets count wrongly* in {len(audited.wrong)} places. Please report this "
            "to the person who runs me: `python -m bot audit` names them."
        )
    return said


def _verdict(audited: Audited, found: Audit) -> str:
    if audited.adds_up:
        return ":white_check_mark: *It adds up.* Ledger and balance agree."
    difference = found.difference
    if abs(difference) < EXACT:
        return ":warning: *It does not add up.* The balance is right, but see below."
    which = "more" if difference > 0 else "less"
    return (
        f":warning: *It does not add up.* PowerPost has {credits_of(abs(difference))} {which} than "
        "the ledger comes to."
    )


def _sums(found: Audit) -> str:
    since = f"{credits_of(found.since.balance)} on {moment_mrkdwn(found.since.at)}"
    back = f", {amount(found.given_back)} given back" if found.given_back else ""
    lines = [
        f"• The balance was {since}; {credits_of(found.charged)} were charged since{back}.",
        f"• So it should be *{amount(found.should_be)}*, and it is *{amount(found.now.balance)}*.",
    ]
    if found.pending:
        pending = -sum(entry.expected for entry in found.pending)
        lines.append(f"• {credits_of(pending)} should still come back for what failed.")
    return "\n".join(lines)


def _explain(found: Audit) -> list[str]:
    said = []
    if found.missing:
        missing = -sum(entry.expected for entry in found.missing)
        said.append(
            f"*{credits_of(missing)} did not come back* within a day, for "
            f"{_count(found.missing, 'failed request')}. Ask PowerPost's support for them; the "
            "report's CSV file has the request ids."
        )
    if found.unentered:
        said.append(
            f"*{_count(found.unentered, 'paid request')} is not in the ledger.* Please report this "
            "to the person who runs me."
        )
    if abs(found.difference) >= EXACT:
        said += _explain_difference(found)
    return said


def _explain_difference(found: Audit) -> list[str]:
    said = []
    if found.gaps:
        lines = [f"• {gap_mrkdwn(gap)}" for gap in found.gaps[-_LISTED_MAX:]]
        if (rest := len(found.gaps) - _LISTED_MAX) > 0:
            lines.insert(0, f"• {rest} earlier ones")
        said.append("*The balance moved by what is in no entry:*\n" + "\n".join(lines))
    if found.unknown:
        said.append(
            f"*{_count(found.unknown, 'request')} without a known outcome* may have been charged: "
            "press *Look again* under it in its thread."
        )
    if found.numberless:
        count = _count(found.numberless, "request")
        said.append(f"PowerPost did not say what it took for {count}.")
    if found.out:
        said.append("Something is being sent at this moment: ask again in a minute.")
    return said


def gap_mrkdwn(gap: Gap) -> str:
    """By how much, between which two moments, and what may be the reason."""
    when = f"between {moment_mrkdwn(gap.after.at)} and {moment_mrkdwn(gap.before.at)}"
    way = "up" if gap.credits > 0 else "down"
    return f"{way} by {credits_of(abs(gap.credits))} {when}: {_reason(gap)}"


def _reason(gap: Gap) -> str:
    if gap.unknown:
        return f"perhaps {_count(gap.unknown, 'request')} without a known outcome"
    if gap.credits > 0:
        return "credits were added, or a refund came"
    return "somebody else spent from the same account"


def _count(things: Sequence[ChargeWindow] | Sequence[object], what: str) -> str:
    return f"{len(things)} {what}" + ("" if len(things) == 1 else "s")
