"""The weather panel: every fault that a person can order, as one table of buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.weather import DownloadFault, LookFault, Outcome, SubmitFault
from bot.sandbox.slack.workspace import Workspace

SLACK: Final = "Slack"
ANSWERS: Final = "Slack's own answers"
"""These two groups of faults are Slack's alone."""


@dataclass(frozen=True)
class Skies:
    """Both stand-ins, on which a fault is ordered."""

    workspace: Workspace
    powerpost: PowerPost


@dataclass(frozen=True)
class Fault:
    """A button. `is_on` is set for switches that stay until pressed again."""

    key: str
    label: str
    words: str
    order: Callable[[Skies], None]
    is_on: Callable[[Skies], bool] | None = None


@dataclass(frozen=True)
class Button:
    """A fault as it stands on the page now; `is_on` is None for one that happens once."""

    key: str
    label: str
    words: str
    is_on: bool | None


@dataclass(frozen=True)
class Group:
    """Buttons under one title."""

    title: str
    faults: tuple[Button, ...]


def list_groups(skies: Skies, *, has_powerpost: bool = True) -> list[Group]:
    """The panel's buttons, switches with their state; only Slack's without PowerPost."""
    return [
        Group(title, tuple(
            Button(fault.key, fault.label, fault.words, fault.is_on(skies) if fault.is_on else None)
            for fault in faults
        ))
        for title, faults in FAULTS.items()
        if has_powerpost or title in (SLACK, ANSWERS)
    ]  # fmt: skip


def order_fault(skies: Skies, key: str) -> bool:
    """Let it happen; False when there is no such fault."""
    if key == "clear":
        skies.powerpost.weather.clear()
        skies.workspace.weather.clear()
        return True
    for faults in FAULTS.values():
        for fault in faults:
            if fault.key == key:
                fault.order(skies)
                return True
    return False


@dataclass(frozen=True)
class Coming:
    """What is ordered and has not happened yet, and what the bot should then do."""

    words: str
    promise: str


def forecast(skies: Skies) -> list[Coming]:
    """Everything that is ordered, PowerPost's first."""
    powerpost, slack = skies.powerpost.weather, skies.workspace.weather
    coming = [
        Coming(f"PowerPost's next {line.replace('_', ' ')}", _PROMISES.get(line, _RECOVERS))
        for line in powerpost.forecast()
    ]
    if powerpost.away:
        coming.append(Coming("PowerPost is away", _WAITS))
    if powerpost.loses_webhooks:
        coming.append(Coming("PowerPost tells no ends", "It looks by itself, a little later."))
    if powerpost.latency_seconds:
        late = f"PowerPost is {powerpost.latency_seconds:g} s slower"
        coming.append(Coming(late, "Slack is answered at once all the same."))
    if powerpost.links_late_seconds:
        late = f"PowerPost's links work {powerpost.links_late_seconds:g} s late"
        coming.append(Coming(late, "It tries again, and the pictures come a little later."))
    for method, faults in slack.coming().items():
        what = "call" if method == "*" else method
        coming += [
            Coming(f"Slack's next {what}: {fault.replace('_', ' ')}", _SLACK_RECOVERS)
            for fault in faults
        ]
    if slack.lose_next_file:
        coming.append(Coming("Slack loses the next file", _FILE_LOST))
    if slack.scans_files:
        coming.append(Coming("Slack scans files", _SCANNED))
    if slack.blocks_uploads:
        coming.append(Coming("The way to Slack's files is blocked", _LINKED))
    for what, code in slack.refused.items():
        coming.append(Coming(f"Slack answers {code} ({_REFUSED_THINGS[what]})", _SIMPLER))
    if slack.strays_replies:
        coming.append(Coming("A reply to what was deleted stands in the channel", _STRAYED))
    if slack.away:
        coming.append(Coming("Slack is away", "The pictures are kept, and come when it is back."))
    return coming


_LATE_SECONDS: Final = 5.0
_RECOVERS: Final = "It tries again, and the pictures still come."
_WAITS: Final = "It waits, nothing is spent, and it goes on when PowerPost is back."
_UNKNOWN: Final = (
    "It says that the outcome is unknown, with the balance before and after, and never sends the "
    "request again by itself."
)
_REFUSED: Final = "It says what is wrong and who can mend it. Nothing is spent."
_LINKED: Final = "The picture is linked instead, the others come, and it says until when."
_SLACK_RECOVERS: Final = "It tries again: the message comes once, and the pictures come."
_SIMPLER: Final = "It says it more simply: with links; at the last in the first message."
_STRAYED: Final = "It takes that back, and the pictures come in the direct message."
_REFUSED_THINGS: Final = {
    "upload": "to uploads",
    "slack_file": "to messages that show a file",
    "captions": "to messages with many words",
    "thread": "to replies",
    "top": "to all but replies",
    "all": "to every message",
}
_LATE_LINKED: Final = "It tries for two minutes, then links the picture and says why."
_SCANNED: Final = "It asks until the picture is ready, and then uses it."
_FILE_LOST: Final = "The picture is uploaded again, or linked; the others come."
# By the words of PowerPost's own forecast.
_PROMISES: Final = {
    "outcome: failed": "It says why and what came back, and offers to try again.",
    "outcome: partial": "You get what there is, what was refunded, and a button for the rest.",
    "outcome: slow": "The status line goes on telling how long it takes.",
    "outcome: never": "It keeps looking, ever more seldom, and says so; after a day it gives up.",
    "outcome: transparent": "The pictures come as PNG, so that the transparency stays.",
    "outcome: expired_links": "It asks PowerPost for fresh links; failing that, it says so.",
    "outcome: huge": _LINKED,
    "outcome: not_a_picture": _LATE_LINKED,
    "submit: answer_lost": _UNKNOWN,
    "submit: answer_broken": _UNKNOWN,
    "submit: error_500": _UNKNOWN,
    "submit: error_500_charged": _UNKNOWN,
    "submit: hang": _UNKNOWN,
    "submit: slow": "Slack is answered at once all the same.",
    "submit: rate_limited": "It waits as long as it is told, and pays once.",
    "submit: insufficient_credits": "It says that credits are missing. Nothing is spent.",
    "submit: invalid_key": _REFUSED,
    "submit: insufficient_scope": _REFUSED,
}


def _outcome(outcome: Outcome) -> Callable[[Skies], None]:
    return lambda skies: skies.powerpost.weather.next_outcome(outcome)


def _submit(fault: SubmitFault) -> Callable[[Skies], None]:
    return lambda skies: skies.powerpost.weather.next_submit(fault)


def _look(fault: LookFault, times: int = 1) -> Callable[[Skies], None]:
    return lambda skies: skies.powerpost.weather.next_look(fault, times)


def _download(fault: DownloadFault, times: int = 1) -> Callable[[Skies], None]:
    return lambda skies: skies.powerpost.weather.next_download(fault, times)


def _slack(method: str, fault: str, times: int = 1) -> Callable[[Skies], None]:
    return lambda skies: skies.workspace.weather.next_call(method, fault, times)


def _switch_powerpost(skies: Skies) -> None:
    skies.powerpost.weather.away = not skies.powerpost.weather.away


def _lose_webhooks(skies: Skies) -> None:
    weather = skies.powerpost.weather
    weather.loses_webhooks = not weather.loses_webhooks


def _slow_powerpost(skies: Skies) -> None:
    weather = skies.powerpost.weather
    weather.latency_seconds = 0.0 if weather.latency_seconds else 2.0


def _delay_links(skies: Skies) -> None:
    weather = skies.powerpost.weather
    weather.links_late_seconds = 0.0 if weather.links_late_seconds else _LATE_SECONDS


def _switch_slack(skies: Skies) -> None:
    skies.workspace.weather.away = not skies.workspace.weather.away


def _block_uploads(skies: Skies) -> None:
    weather = skies.workspace.weather
    weather.blocks_uploads = not weather.blocks_uploads


def _stray_replies(skies: Skies) -> None:
    weather = skies.workspace.weather
    weather.strays_replies = not weather.strays_replies


def _refuse(what: str, code: str) -> Callable[[Skies], None]:
    """A switch: what is of this kind gets that answer, or no more."""

    def switch(skies: Skies) -> None:
        refused = skies.workspace.weather.refused
        if refused.get(what) == code:
            del refused[what]
        else:
            refused[what] = code

    return switch


def _is_refused(what: str, code: str) -> Callable[[Skies], bool]:
    return lambda skies: skies.workspace.weather.refused.get(what) == code


def _scan_files(skies: Skies) -> None:
    weather = skies.workspace.weather
    weather.scans_files = not weather.scans_files


def _lose_file(skies: Skies) -> None:
    skies.workspace.weather.lose_next_file = True


def _fault(
    key: str,
    label: str,
    words: str,
    order: Callable[[Skies], None],
    is_on: Callable[[Skies], bool] | None = None,
) -> Fault:
    return Fault(key, label, words, order, is_on)


# Slack's own codes, as Weather.refused has them: what is refused, and what it is about.
_ANSWERS: Final = (
    ("upload", "storage_limit_reached", "Uploads: the workspace's storage is full"),
    ("upload", "file_uploads_disabled", "Uploads: an admin has switched them off"),
    ("upload", "file_uploads_except_images_disabled", "Uploads: an admin allows images only"),
    ("upload", "file_type_not_allowed", "Uploads: an admin does not allow this kind of file"),
    ("upload", "file_upload_size_restricted", "Uploads: an admin does not allow this size"),
    ("upload", "slack_connect_file_upload_sharing_blocked", "Uploads, in shared channels"),
    ("upload", "access_denied", "Uploads: Slack does not say why"),
    ("slack_file", "slack_connect_file_link_sharing_blocked", "Messages that show a file"),
    ("thread", "restricted_action_non_threadable_channel", "Replies: the channel takes none"),
    ("top", "restricted_action_thread_only_channel", "All but replies"),
    ("all", "message_limit_exceeded", "Messages: the workspace sends too many"),
    ("all", "no_permission", "Messages: the app is no member"),
    ("all", "app_access_restricted", "Messages: an admin has to allow the app"),
    ("all", "team_access_not_granted", "Messages: the token is not for this workspace"),
    ("captions", "msg_blocks_too_long", "Messages with more than 200 letters at a picture"),
    ("all", "a_code_of_next_year", "Messages: a code that nobody knows yet"),
)

FAULTS: dict[str, tuple[Fault, ...]] = {
    "The next generation": (
        _fault(
            "outcome-failed",
            "fails",
            "It ends as failed, without pictures; credits come back",
            _outcome(Outcome.FAILED),
        ),
        _fault(
            "outcome-partial",
            "is partial",
            "One picture is missing and refunded",
            _outcome(Outcome.PARTIAL),
        ),
        _fault("outcome-slow", "is slow", "It takes ten times as long", _outcome(Outcome.SLOW)),
        _fault(
            "outcome-never", "never ends", "It stays processing for good", _outcome(Outcome.NEVER)
        ),
        _fault(
            "outcome-transparent",
            "is transparent",
            "Its pictures have an alpha channel",
            _outcome(Outcome.TRANSPARENT),
        ),
        _fault(
            "outcome-expired",
            "has dead links",
            "The links to its pictures have expired",
            _outcome(Outcome.EXPIRED_LINKS),
        ),
        _fault(
            "outcome-huge",
            "is a bomb",
            "A few bytes that unpack to 16,384 × 16,384 pixels",
            _outcome(Outcome.HUGE),
        ),
        _fault(
            "outcome-nonsense",
            "is no picture",
            "It says image/webp, and is not",
            _outcome(Outcome.NOT_A_PICTURE),
        ),
    ),
    "The next request to PowerPost": (
        _fault(
            "submit-credits",
            "out of credits",
            "402 INSUFFICIENT_CREDITS, whatever the balance",
            _submit(SubmitFault.INSUFFICIENT_CREDITS),
        ),
        _fault(
            "submit-rate",
            "rate limited",
            "429, to try again after a second",
            _submit(SubmitFault.RATE_LIMITED),
        ),
        _fault(
            "submit-lost",
            "loses its answer",
            "Charged, and the connection closes without an answer",
            _submit(SubmitFault.ANSWER_LOST),
        ),
        _fault(
            "submit-broken",
            "broken answer",
            "Charged, and the JSON stops in the middle",
            _submit(SubmitFault.ANSWER_BROKEN),
        ),
        _fault("submit-500", "error 500", "Not charged", _submit(SubmitFault.ERROR_500)),
        _fault(
            "submit-500-charged",
            "500, but charged",
            "Charged all the same",
            _submit(SubmitFault.ERROR_500_CHARGED),
        ),
        _fault(
            "submit-hang", "hangs", "Charged, and no answer ever comes", _submit(SubmitFault.HANG)
        ),
        _fault("submit-slow", "answers late", "After two seconds", _submit(SubmitFault.SLOW)),
        _fault("submit-key", "wrong key", "401 INVALID_API_KEY", _submit(SubmitFault.INVALID_KEY)),
        _fault(
            "submit-scope",
            "key lacks scope",
            "403 INSUFFICIENT_SCOPE",
            _submit(SubmitFault.INSUFFICIENT_SCOPE),
        ),
    ),
    "Looking and downloading": (
        _fault(
            "look-500",
            "3 looks fail",
            "The next three looks get a 500",
            _look(LookFault.ERROR_500, 3),
        ),
        _fault(
            "look-rate", "look limited", "The next look gets a 429", _look(LookFault.RATE_LIMITED)
        ),
        _fault(
            "look-broken", "look broken", "The next look gets broken JSON", _look(LookFault.BROKEN)
        ),
        _fault(
            "download-500",
            "download fails",
            "The next picture's download gets a 500",
            _download(DownloadFault.ERROR_500),
        ),
        _fault(
            "download-dropped",
            "download cut",
            "It closes in the middle of the picture",
            _download(DownloadFault.DROPPED),
        ),
        _fault(
            "download-late",
            "picture late",
            "The next two downloads get a 404: the storage has it a moment later",
            _download(DownloadFault.NOT_FOUND, 2),
        ),
        _fault(
            "download-endless",
            "download endless",
            "It never stops sending",
            _download(DownloadFault.ENDLESS),
        ),
    ),
    "PowerPost": (
        _fault(
            "powerpost-away",
            "Away",
            "Nobody answers at its address: connections are refused",
            _switch_powerpost,
            lambda skies: skies.powerpost.weather.away,
        ),
        _fault(
            "powerpost-slow",
            "2 s slower",
            "Every answer takes two seconds longer",
            _slow_powerpost,
            lambda skies: bool(skies.powerpost.weather.latency_seconds),
        ),
        _fault(
            "powerpost-late-links",
            "late links",
            "The links to pictures get a 404 for five seconds after the end",
            _delay_links,
            lambda skies: bool(skies.powerpost.weather.links_late_seconds),
        ),
        _fault(
            "powerpost-silent",
            "no webhooks",
            "It does not tell that a generation has ended",
            _lose_webhooks,
            lambda skies: skies.powerpost.weather.loses_webhooks,
        ),
    ),
    SLACK: (
        _fault("slack-slow", "slow", "Its next answer takes two seconds", _slack("*", "slow")),
        _fault(
            "slack-rate",
            "rate limits a post",
            "chat.postMessage gets a 429 with Retry-After",
            _slack("chat.postMessage", "ratelimited"),
        ),
        _fault(
            "slack-dropped",
            "loses a post's answer",
            "The message is there, the answer is not",
            _slack("chat.postMessage", "dropped"),
        ),
        _fault(
            "slack-500",
            "error 500",
            "The next call gets a page instead of JSON",
            _slack("*", "http_500"),
        ),
        _fault(
            "slack-file",
            "loses a file",
            "The next upload never becomes ready",
            _lose_file,
            lambda skies: skies.workspace.weather.lose_next_file,
        ),
        _fault(
            "slack-scans",
            "scans files",
            "What you add has no type for 4 seconds, while Slack looks for viruses",
            _scan_files,
            lambda skies: skies.workspace.weather.scans_files,
        ),
        _fault(
            "slack-uploads",
            "blocks uploads",
            "The host that takes files answers 403, as an egress proxy would",
            _block_uploads,
            lambda skies: skies.workspace.weather.blocks_uploads,
        ),
        _fault(
            "slack-strays",
            "strays replies",
            "A reply whose first message was deleted would come to stand in the channel",
            _stray_replies,
            lambda skies: skies.workspace.weather.strays_replies,
        ),
        _fault(
            "slack-away",
            "Away",
            "Every call is cut off, nothing reaches the bot",
            _switch_slack,
            lambda skies: skies.workspace.weather.away,
        ),
    ),
    ANSWERS: tuple(
        _fault(f"answer-{code}", code, words, _refuse(what, code), _is_refused(what, code))
        for what, code, words in _ANSWERS
    ),
}
