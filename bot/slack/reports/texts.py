"""The words of reports: what was spent, by whom, where, with which model, for which campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.credits.ledger import CAPTIONS
from bot.credits.reports import DIRECT, NAME_MARK, NO_CAMPAIGN, OTHERS, Line, Report
from bot.generations.record import FORGOTTEN
from bot.images.catalogue import MODELS, Model
from bot.images.usage import By, Month
from bot.slack.kit.text import credits_of, escape, joined, number, picture_count, shorten

_WHAT: Final = {
    By.USER: "Person",
    By.CHANNEL: "Channel",
    By.MODEL: "Model",
    By.CAMPAIGN: "Campaign",
    By.WORKSPACE: "PowerPost workspace",
}
_SPECIAL: Final = {
    OTHERS: "all others",
    DIRECT: "direct messages",
    FORGOTTEN: "a deleted person",
    NO_CAMPAIGN: "no campaign",
}

ADMINS_ONLY: Final = "Only admins see what everyone spent. Here is what you spent."
ADMINS_ONLY_REPORT: Final = "Only admins can have this report."
ON_ITS_WAY: Final = (
    "Your report is on its way: it comes in our direct message, under Messages at the top."
)
FORM_NOT_OPENED: Final = (
    "The form of the report did not open. Press Report again, or send `/imagine usage --by user`."
)
COMING: Final = "The chart, and a CSV file with every request, come in our direct message."
NOT_BROUGHT: Final = (
    "I couldn't send the chart and the CSV file to our direct message. Please ask again later."
)
NO_FILE: Final = (
    "I could not bring the CSV file this time. The numbers above are whole; please ask for the "
    "report again later to get the file."
)
NO_CHART: Final = "I couldn't draw the chart this time, but all the numbers are here."
UNAVAILABLE: Final = "I can't read what was spent right now. Please ask again in a minute."
# A file of so many rows has some 8 MB.
ROWS_MAX: Final = 50_000
REPORTS_MAX: Final = 10  # of one person's, in so many minutes
REPORTS_MINUTES: Final = 10
TOO_MANY_REPORTS: Final = (
    f"You can have {REPORTS_MAX} reports in {REPORTS_MINUTES} minutes. Please ask again soon."
)


# The form of a report: by what there are lines, and for which month.
BY_CHOICES: Final = {
    By.USER: "People",
    By.CHANNEL: "Channels",
    By.MODEL: "Models",
    By.CAMPAIGN: "Campaigns",
    By.WORKSPACE: "PowerPost workspaces",  # if there are several
}
WHERE_IT_COMES: Final = (
    "A table and a chart come in our direct message, with a CSV file that has a line for every "
    "request."
)


def csv_comment(rows: int) -> str:
    """Beside the file."""
    if rows < ROWS_MAX:
        return "Every request of the month, one per line."
    return f"The first {ROWS_MAX:,} requests of the month, one per line: a file holds no more."


def request_count(count: int) -> str:
    """`3 requests`."""
    return f"{count:,} request" + ("" if count == 1 else "s")


def own_sentence(total: Line, month: Month, now: Month) -> str:
    """What one person spent; `now` is the month that it is."""
    if month > now:
        return not_begun(month)
    if not total.requests:
        return f"You spent no credits in {month.words}."
    return f"In {month.words} you spent {_spent(total)}"


def not_begun(month: Month) -> str:
    """There is nothing to tell of it yet."""
    return f"{month.words} has not begun yet, so nothing was spent in it."


def sentence(report: Report, now: Month) -> str:
    """What everyone spent; `now` is the month that it is."""
    if report.month > now:
        return not_begun(report.month)
    if not report.total.requests:
        return f"Nobody spent any credits in {report.month.words}."
    return f"In {report.month.words} this workspace spent {_spent(report.total)}"


def _spent(total: Line) -> str:
    made = picture_count(total.pictures)
    said = f"{credits_of(total.credits)} on {request_count(total.requests)}, for {made}."
    if total.coming_back > 0:
        said += f" Of that, {credits_of(total.coming_back)} should still come back."
    if total.unpriced:
        said += f" PowerPost did not say what {request_count(total.unpriced)} of them cost."
    return said


def line_mrkdwn(by: By, line: Line) -> str:
    """One line of the report, for those who do not see the table."""
    said = f"{key_mrkdwn(by, line.key)}: {credits_of(line.credits)}"
    said += f", {request_count(line.requests)}, {picture_count(line.pictures)}"
    if line.coming_back > 0:
        said += f", {number(line.coming_back)} should come back"
    return said


def key_mrkdwn(by: By, key: str) -> str:
    """A person, channel, model, campaign or workspace in Slack's syntax."""
    if key in _SPECIAL or by not in (By.USER, By.CHANNEL):
        return escape(key_words(by, key, {}))
    return f"<@{key}>" if by is By.USER else f"<#{key}>"


def key_words(by: By, key: str, names: Mapping[str, str]) -> str:
    """The same in plain words; the id where no name is known."""
    if key in _SPECIAL:
        return _SPECIAL[key]
    if by in (By.CAMPAIGN, By.WORKSPACE):
        return key.removeprefix(NAME_MARK)
    return model_name(key) if by is By.MODEL else names.get(key, key)


def model_name(model: str) -> str:
    """A model's name; its id where it is not there any more."""
    if model == CAPTIONS:
        return "Texts for posts"
    return MODELS[Model(model)].name if model in set(Model) else model


def headings(by: By, *, has_coming_back: bool) -> list[str]:
    """Over the columns of the table."""
    money = ["Credits", "Should come back"] if has_coming_back else ["Credits"]
    return [_WHAT[by], *money, "Requests", "Pictures"]


def chart_title(report: Report) -> str:
    """Over the bars."""
    return f"Credits in {report.month.words}, by {by_words(report.by)}"


def by_words(by: By) -> str:
    """What there is a line for each of, within a sentence."""
    return _WHAT[by] if by is By.WORKSPACE else _WHAT[by].lower()


def chart_note(report: Report) -> str:
    """Small, below them."""
    said = f"{credits_of(report.total.credits)} in all, refunds taken off"
    if report.total.coming_back > 0:
        said += f"; {number(report.total.coming_back)} should still come back"
    return said + "."


def chart_alt(report: Report, bars: Sequence[tuple[str, float]]) -> str:
    """What the chart shows, in words; at most 2,000 characters."""
    said = joined(f"{name} {number(credits_)}" for name, credits_ in bars)
    return shorten(f"A bar chart. {chart_title(report)}: {said}. {chart_note(report)}", 2000)
