"""The Weather panel: every fault that a person can order, as one table of buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final

from bot.sandbox.powerpost.faults import DownloadFault, Outcome, PollFault, SubmitFault
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class StandIns:
    """Both stand-ins, on which a fault is ordered."""

    workspace: Workspace
    powerpost: PowerPost


@dataclass(frozen=True)
class Fault:
    """A button. `is_on` is set for switches, which stay on until they are pressed again."""

    key: str
    label: str
    words: str
    """What happens, as the button's tooltip."""
    press: Callable[[StandIns], None]
    is_on: Callable[[StandIns], bool] | None = None
    line: str = ""
    """A switch's line in the list of what is to come, and what the bot should do then."""
    expected: str = ""


@dataclass(frozen=True)
class Button:
    """A fault as the page shows it now; `is_on` is None for one that happens once."""

    fault: Fault
    is_on: bool | None


@dataclass(frozen=True)
class Pending:
    """What is ordered and has not happened yet, and what the bot should then do."""

    words: str
    expected: str


def list_groups(stand_ins: StandIns, *, has_powerpost: bool = True) -> dict[str, list[Button]]:
    """The panel's buttons by group, switches with their state; only Slack's without PowerPost."""
    return {
        title: [Button(each, each.is_on(stand_ins) if each.is_on else None) for each in faults]
        for title, faults in FAULTS.items()
        if has_powerpost or title in _OF_SLACK
    }


def inject_fault(stand_ins: StandIns, key: str) -> bool:
    """Let it happen; False if there is no such fault."""
    if key == "clear":
        stand_ins.powerpost.faults.clear()
        stand_ins.workspace.faults.clear()
        return True
    for fault in _list_all():
        if fault.key == key:
            fault.press(stand_ins)
            return True
    return False


def list_pending(stand_ins: StandIns) -> list[Pending]:
    """Everything that is ordered: what happens once, then the switches that are on."""
    pending = []
    for line in stand_ins.powerpost.faults.pending():
        kind, _, name = line.partition(": ")
        words = f"{_NEXT[kind]}: {name.replace('_', ' ')}"
        pending.append(Pending(words, _EXPECTED.get(line, _RECOVERS)))
    for method, faults in stand_ins.workspace.faults.pending().items():
        what = "Slack's next answer" if method == "*" else f"Slack's next {method}"
        pending += [Pending(f"{what}: {each.replace('_', ' ')}", _REPEATED) for each in faults]
    switches = (each for each in _list_all() if each.is_on and each.is_on(stand_ins))
    return pending + [Pending(each.line, each.expected) for each in switches]


def _list_all() -> list[Fault]:
    return [fault for faults in FAULTS.values() for fault in faults]


# -- what the bot is expected to do ------------------------------------------------------------

_RECOVERS: Final = "It tries again, and the pictures still arrive."
_WAITS: Final = "It waits, spends nothing, and continues when PowerPost is back."
_UNKNOWN: Final = (
    "It says that the outcome is unknown, shows the balance before and after, and never sends the "
    "request again on its own."
)
_REFUSED: Final = "It says what is wrong and who can fix it. Nothing is spent."
_UNSURE: Final = (
    "It says that nobody knows whether the draft was made, and makes another one only if you press "
    "a button."
)
_AT_ONCE: Final = "Slack still gets its answer at once."
_LINKED: Final = "It links the picture, says until when the link works, and delivers the others."
_REPEATED: Final = "It tries again. The message appears once, and the pictures arrive."
_SIMPLER: Final = "It posts a simpler message with links; if that fails, it edits the first one."
_NEXT: Final = {
    "submit": "Next request",
    "poll": "Next poll",
    "outcome": "Next generation",
    "download": "Next download",
    "caption": "Next text that PowerPost writes",
    "caption_outcome": "Next text that PowerPost writes",
    "post": "Next draft",
    "entry": "Next calendar entry",
}
# By the lines of PowerPost's own `pending`.
_EXPECTED: Final = {
    "outcome: failed": "It says why, what was refunded, and offers to try again.",
    "outcome: partial": "You get the pictures there are, the refund, and a button for the rest.",
    "outcome: slow": "The status line keeps showing how long it takes.",
    "outcome: never": "It keeps polling, less and less often, and says so; after a day it stops.",
    "outcome: transparent": "The pictures arrive as PNG, which keeps their transparency.",
    "outcome: expired_links": "It asks PowerPost for new links; if there are none, it says so.",
    "outcome: huge": _LINKED,
    "outcome: not_a_picture": "It tries for two minutes, then links the picture and says why.",
    "caption: answer_lost": _UNKNOWN,
    "caption: insufficient_credits": "It says that there are too few credits. Nothing is spent.",
    "caption: insufficient_scope": _REFUSED,
    "caption_outcome: failed": "It says so, and that the credits come back. No draft is made.",
    "caption_outcome: never": "It waits for an hour; then it says where the text will be.",
    "post: answer_lost": _UNSURE,
    "post: hang": _UNSURE,
    "post: error_500": _UNSURE,
    "post: rate_limited": "It waits, and makes one draft.",
    "post: insufficient_scope": _REFUSED,
    "entry: answer_lost": "The draft is made; it says that nobody knows about the calendar entry.",
    "entry: insufficient_scope": "The draft is made; it says that nothing was planned, and why.",
    "submit: answer_lost": _UNKNOWN,
    "submit: answer_broken": _UNKNOWN,
    "submit: error_500": _UNKNOWN,
    "submit: error_500_charged": _UNKNOWN,
    "submit: hang": _UNKNOWN,
    "submit: slow": _AT_ONCE,
    "submit: rate_limited": "It waits as long as PowerPost asks, and pays once.",
    "submit: insufficient_credits": "It says that there are too few credits. Nothing is spent.",
    "submit: invalid_key": _REFUSED,
    "submit: insufficient_scope": _REFUSED,
}


# -- the table ---------------------------------------------------------------------------------


def _once(kind: str, fault: StrEnum, label: str, words: str, *times: int) -> Fault:
    """Happens to the next `kind` of PowerPost's doings, or to the next few."""

    def press(stand_ins: StandIns) -> None:
        getattr(stand_ins.powerpost.faults, f"next_{kind}")(fault, *times)

    return Fault(f"{kind}-{fault}", label, words, press)


def _call(method: str, fault: str, label: str, words: str) -> Fault:
    def press(stand_ins: StandIns) -> None:
        stand_ins.workspace.faults.next_call(method, fault)

    return Fault(f"slack-{fault}", label, words, press)


def _switch(
    service: str,
    name: str,
    label: str,
    words: str,
    line: str,
    expected: str,
    on: bool | float = True,
) -> Fault:
    """Sets the attribute `name` of a stand-in's faults to `on`, or back."""

    def faults_of(stand_ins: StandIns) -> Any:
        return stand_ins.powerpost.faults if service == "powerpost" else stand_ins.workspace.faults

    def is_on(stand_ins: StandIns) -> bool:
        return bool(getattr(faults_of(stand_ins), name))

    def press(stand_ins: StandIns) -> None:
        setattr(faults_of(stand_ins), name, type(on)(0) if is_on(stand_ins) else on)

    return Fault(f"{service}-{name}", label, words, press, is_on, line, expected)


def _refusal(what: str, code: str, words: str) -> Fault:
    """A switch: what is of this kind gets that answer of Slack's (`Faults.refused`)."""

    def is_on(stand_ins: StandIns) -> bool:
        return stand_ins.workspace.faults.refused.get(what) == code

    def press(stand_ins: StandIns) -> None:
        refused = stand_ins.workspace.faults.refused
        if refused.get(what) == code:
            del refused[what]
        else:
            refused[what] = code

    line = f"Slack answers {code} ({_REFUSED_THINGS[what]})"
    return Fault(f"refused-{code}", code, words, press, is_on, line, _SIMPLER)


_REFUSED_THINGS: Final = {
    "upload": "to uploads",
    "slack_file": "to messages that show a file",
    "captions": "to messages with long captions",
    "thread": "to replies",
    "top": "to everything but replies",
    "all": "to every message",
}
_outcome = partial(_once, "outcome")
_submit = partial(_once, "submit")
_poll = partial(_once, "poll")
_download = partial(_once, "download")
_caption = partial(_once, "caption")
_post = partial(_once, "post")
_entry = partial(_once, "entry")
_powerpost = partial(_switch, "powerpost")
_slack = partial(_switch, "slack")

FAULTS: dict[str, tuple[Fault, ...]] = {
    "The next generation": (
        _outcome(Outcome.FAILED, "fails", "There are no pictures; all credits are refunded"),
        _outcome(Outcome.PARTIAL, "is partial", "One picture is missing and refunded"),
        _outcome(Outcome.SLOW, "is slow", "It takes ten times as long"),
        _outcome(Outcome.NEVER, "never ends", "It stays in processing"),
        _outcome(Outcome.TRANSPARENT, "is transparent", "Its pictures have an alpha channel"),
        _outcome(Outcome.EXPIRED_LINKS, "has dead links", "The links to its pictures have expired"),
        _outcome(Outcome.HUGE, "is a bomb", "A few bytes that unpack to 16,384 × 16,384 pixels"),
        _outcome(Outcome.NOT_A_PICTURE, "is no picture", "It claims to be image/webp, but is not"),
    ),
    "The next request to PowerPost": (
        _submit(
            SubmitFault.INSUFFICIENT_CREDITS,
            "runs out of credits",
            "402 INSUFFICIENT_CREDITS, whatever the balance is",
        ),
        _submit(SubmitFault.RATE_LIMITED, "is rate limited", "429, to retry after a second"),
        _submit(
            SubmitFault.ANSWER_LOST,
            "loses its answer",
            "It is charged, and the connection closes without an answer",
        ),
        _submit(
            SubmitFault.ANSWER_BROKEN,
            "gets a broken answer",
            "It is charged, and the JSON stops in the middle",
        ),
        _submit(SubmitFault.ERROR_500, "gets a 500", "It is not charged"),
        _submit(SubmitFault.ERROR_500_CHARGED, "gets a 500 but is charged", "A 500 that costs"),
        _submit(SubmitFault.HANG, "hangs", "It is charged, and no answer ever comes"),
        _submit(SubmitFault.SLOW, "is answered late", "After two seconds"),
        _submit(SubmitFault.INVALID_KEY, "has a wrong key", "401 INVALID_API_KEY"),
        _submit(SubmitFault.INSUFFICIENT_SCOPE, "lacks a scope", "403 INSUFFICIENT_SCOPE"),
    ),
    "Polls and downloads": (
        _poll(PollFault.ERROR_500, "fail 3 polls", "The next three polls get a 500", 3),
        _poll(PollFault.RATE_LIMITED, "rate limit a poll", "The next poll gets a 429"),
        _poll(PollFault.BROKEN, "break a poll", "The next poll gets broken JSON"),
        _download(DownloadFault.ERROR_500, "fail a download", "The next download gets a 500"),
        _download(DownloadFault.DROPPED, "cut a download", "It ends in the middle of the picture"),
        _download(
            DownloadFault.NOT_FOUND,
            "delay a picture",
            "The next two downloads get a 404; then the picture is there",
            2,
        ),
        _download(DownloadFault.ENDLESS, "never end a download", "It never stops sending"),
    ),
    "Texts, drafts and the calendar": (
        _caption(SubmitFault.ANSWER_LOST, "lose a text's answer", "It is charged"),
        _caption(SubmitFault.INSUFFICIENT_CREDITS, "text: no credits", "402"),
        _caption(SubmitFault.INSUFFICIENT_SCOPE, "text: no scope", "403: content:generate"),
        _once("caption_outcome", Outcome.FAILED, "fail a text", "Its credits are refunded"),
        _once("caption_outcome", Outcome.NEVER, "never end a text", "It stays in processing"),
        _post(SubmitFault.ANSWER_LOST, "lose a draft's answer", "It is made"),
        _post(SubmitFault.ERROR_500, "fail a draft", "500, and it is not made"),
        _post(SubmitFault.HANG, "hang a draft", "It is made, and no answer ever comes"),
        _post(SubmitFault.RATE_LIMITED, "rate limit a draft", "429, to retry after a second"),
        _post(SubmitFault.INSUFFICIENT_SCOPE, "draft: no scope", "403: posts:write"),
        _entry(SubmitFault.ANSWER_LOST, "lose an entry's answer", "It is in the calendar"),
        _entry(SubmitFault.INSUFFICIENT_SCOPE, "calendar: no scope", "403: calendar:write"),
    ),
    "PowerPost": (
        _powerpost("away", "is away", "Connections are refused", "PowerPost is away", _WAITS),
        _powerpost(
            "latency_seconds",
            "is slow",
            "Every answer takes two seconds longer",
            "PowerPost answers 2 s later",
            _AT_ONCE,
            2.0,
        ),
        _powerpost(
            "links_late_seconds",
            "has late links",
            "For five seconds, links to new pictures get a 404",
            "PowerPost's links work 5 s late",
            "It tries again, and the pictures arrive a little later.",
            5.0,
        ),
        _powerpost(
            "loses_webhooks",
            "sends no webhooks",
            "It does not say when a generation has ended",
            "PowerPost sends no webhooks",
            "It polls on its own, a little later.",
        ),
    ),
    "Slack": (
        _call("*", "slow", "is slow once", "Its next answer takes two seconds"),
        _call(
            "chat.postMessage",
            "ratelimited",
            "rate limits a post",
            "The next chat.postMessage gets a 429 with Retry-After",
        ),
        _call(
            "chat.postMessage",
            "dropped",
            "loses a post's answer",
            "The message is posted, but the answer is lost",
        ),
        _call("*", "http_500", "answers with a 500", "The next call gets a page instead of JSON"),
        _slack(
            "lose_next_file",
            "loses a file",
            "The next upload never becomes ready",
            "Slack loses the next file",
            "It uploads the picture again or links it, and delivers the others.",
        ),
        _slack(
            "scans_files",
            "scans files",
            "For 4 seconds, a file that you add has no type: Slack looks for viruses",
            "Slack scans files",
            "It waits until the picture is ready, and then uses it.",
        ),
        _slack(
            "blocks_uploads",
            "blocks uploads",
            "The host that takes files answers 403, as an egress proxy would",
            "Uploads to Slack are blocked",
            _LINKED,
        ),
        _slack(
            "strays_replies",
            "misplaces replies",
            "A reply to a deleted message appears in the channel",
            "Replies to deleted messages appear in the channel",
            "It deletes that reply, and the pictures arrive in your direct messages.",
        ),
        _slack(
            "away",
            "is away",
            "Every call is cut off, and nothing reaches the bot",
            "Slack is away",
            "It keeps the pictures and delivers them when Slack is back.",
        ),
    ),
    "Slack refuses": tuple(
        _refusal(what, code, words)
        for what, code, words in (
            ("upload", "storage_limit_reached", "Uploads: the workspace's storage is full"),
            ("upload", "file_uploads_disabled", "Uploads: an admin has disabled them"),
            ("upload", "file_uploads_except_images_disabled", "Uploads: only images are allowed"),
            ("upload", "file_type_not_allowed", "Uploads: this type of file is not allowed"),
            ("upload", "file_upload_size_restricted", "Uploads: this size is not allowed"),
            ("upload", "slack_connect_file_upload_sharing_blocked", "Uploads in shared channels"),
            ("upload", "access_denied", "Uploads: Slack does not say why"),
            ("slack_file", "slack_connect_file_link_sharing_blocked", "Messages that show a file"),
            ("thread", "restricted_action_non_threadable_channel", "Replies"),
            ("top", "restricted_action_thread_only_channel", "Everything but replies"),
            ("all", "message_limit_exceeded", "Messages: the workspace sends too many"),
            ("all", "no_permission", "Messages: the app is not a member"),
            ("all", "app_access_restricted", "Messages: an admin has to approve the app"),
            ("all", "team_access_not_granted", "Messages: the token is for another workspace"),
            ("captions", "msg_blocks_too_long", "Messages with a caption over 200 characters"),
            ("all", "a_code_of_next_year", "Messages, with a code that does not exist yet"),
        )
    ),
}
_OF_SLACK: Final = ("Slack", "Slack refuses")
