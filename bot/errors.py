"""What can go wrong, grouped by what happens next.

Every error that crosses a room's wall is one of six:

    ImagineError
    ├── Rejected        tell the person; nothing was spent
    ├── Transient       nothing was bought: try again, after `retry_after_seconds` if it is known
    ├── NotOurs         another process has the job now: stop at once
    ├── NewerVersion    a newer version of this bot wrote it: leave it alone, that one goes on
    ├── OutcomeUnknown  a paid call got no usable answer: never again by itself
    └── Misconfigured   tell the operator; the person is told whom to ask

An error carries a `Cause` (the words for people are chosen by it, in one place), never a
sentence for people, and never a prompt or a key.
"""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """Why it went wrong, named once for words, logs and metrics alike."""

    # PowerPost's answers (powerpost-neighbours.md, "Errors")
    INVALID_REQUEST = "invalid_request"
    INVALID_KEY = "invalid_key"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    FORBIDDEN = "forbidden"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    # What lies between us and them
    UNREACHABLE = "unreachable"  # no connection: nothing was sent
    NO_ANSWER = "no_answer"  # sent, then silence
    BROKEN_ANSWER = "broken_answer"  # an answer that is not what the specification says
    INTERRUPTED = "interrupted"  # this process ended between the intent and the answer
    STORAGE = "storage"  # our database is away, locked or full
    TAKEN_OVER = "taken_over"  # by another process, which thought that this one was dead
    TOO_MANY_WAITING = "too_many_waiting"  # of one person's requests
    CANCELLED = "cancelled"  # by the person, before it was paid
    NEWER_VERSION = "newer_version"  # a newer version of this bot wrote what this one cannot read
    # What the workspace has decided
    NOT_ALLOWED = "not_allowed"  # by its rules
    OVER_BUDGET = "over_budget"
    ABOVE_THRESHOLD = "above_threshold"  # more than a person spends without being asked
    APP_REMOVED = "app_removed"  # from the workspace, before it was paid
    OUTSIDER = "outsider"  # somebody of another workspace, which does not pay
    # PowerPost's: the channel's is not set up, or what was chosen is in another
    WORKSPACE_UNKNOWN = "workspace_unknown"
    IN_OTHER_WORKSPACE = "in_other_workspace"
    UNFIT = "unfit"  # what was asked for and the preset do not go together
    GROUPS_UNKNOWN = "groups_unknown"  # Slack does not say who is in the user groups of a rule
    # Pictures
    NOT_A_PICTURE = "not_a_picture"
    UNSAFE_ADDRESS = "unsafe_address"
    LINK_EXPIRED = "link_expired"
    # Reference pictures; the error's detail is the file's name
    REFERENCE_NOT_A_PICTURE = "reference_not_a_picture"
    REFERENCE_TOO_LARGE = "reference_too_large"
    REFERENCE_GONE = "reference_gone"
    REFERENCE_FORBIDDEN = "reference_forbidden"
    REFERENCE_NO_ROOM = "reference_no_room"  # PowerPost's storage is full
    REFERENCE_NOT_READY = "reference_not_ready"  # Slack still looks through it
    # Slack
    SLACK_AWAY = "slack_away"  # no answer, a fault of its own, or too many calls: later
    NOT_IN_CHANNEL = "not_in_channel"
    CHANNEL_GONE = "channel_gone"
    THREAD_GONE = "thread_gone"
    NO_THREADS = "no_threads"  # the channel takes no replies
    ONLY_THREADS = "only_threads"  # the channel takes nothing but replies
    TOO_MANY_MESSAGES = "too_many_messages"  # of the whole workspace's: later
    STORAGE_FULL = "storage_full"  # the workspace's, in Slack
    UPLOADS_OFF = "uploads_off"  # by its admins
    FILE_NOT_ALLOWED = "file_not_allowed"  # of this kind, by its admins
    FILE_TOO_LARGE = "file_too_large"  # for what its admins allow
    SHARED_FILES_OFF = "shared_files_off"  # in channels with other companies
    ACCESS_DENIED = "access_denied"  # Slack does not say by what
    FILE_NOT_READY = "file_not_ready"
    UPLOAD_REFUSED = "upload_refused"  # by the host that takes files for Slack, or on the way to it
    UPLOAD_FAILED = "upload_failed"  # on the way to that host, while Slack itself answers
    REFUSED_BY_SLACK = "refused_by_slack"
    SLACK_ACCESS = "slack_access"  # the token was revoked, or is wrong
    APP_NOT_ALLOWED = "app_not_allowed"  # by the workspace's admins; the token itself is good
    MISSING_SCOPE = "missing_scope"
    OTHER = "other"  # in a row of a newer version of this bot: that one knows

    @classmethod
    def _missing_(cls, _value: object) -> Cause:
        return cls.OTHER


class ImagineError(Exception):
    """The root of this project's errors.

    `request_id` is the third party's id for the call (PowerPost's `X-Request-Id`), the one id
    that may be shown to a person, because support asks for it. `detail` is for the operator's
    log; where it quotes a third party it is untrusted text.
    """

    def __init__(self, cause: Cause, detail: str = "", *, request_id: str | None = None) -> None:
        super().__init__(f"{cause}: {detail}" if detail else str(cause))
        self.cause = cause
        self.detail = detail
        self.request_id = request_id


class Rejected(ImagineError):
    """Refused as asked: trying again unchanged would be refused again. Nothing was spent."""


class Transient(ImagineError):
    """Nothing was bought; the same call may be sent again, `retry_after_seconds` from now."""

    def __init__(
        self,
        cause: Cause,
        detail: str = "",
        *,
        request_id: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(cause, detail, request_id=request_id)
        self.retry_after_seconds = retry_after_seconds


class OutcomeUnknown(ImagineError):
    """A paid call was sent and nobody can say what became of it. It must not be sent again."""


class NotOurs(ImagineError):
    """Another process has taken this job over. Nothing was written; whoever has it goes on."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(Cause.TAKEN_OVER, detail)


class NewerVersion(ImagineError):
    """A newer version of this bot has written what this one cannot read, or could not hold to.
    Nothing was spent. It is left alone: during a deploy the newer processes go on with it."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(Cause.NEWER_VERSION, detail)


class Misconfigured(ImagineError):
    """A key, scope or workspace is wrong: only the operator can mend it. Nothing was spent."""
