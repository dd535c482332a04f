"""On what terms a request is promised, and how it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import Cause, Rejected, Transient
from bot.policy.budgets import Ceiling
from bot.policy.rules import RuleViolation


@dataclass(frozen=True, slots=True)
class Terms:
    """What was held against a request before it is promised: the policy of this version, and the
    budgets of it that the request counts against. The store refuses it where the policy was
    changed since, or where a budget has not enough left."""

    policy_version: int
    ceilings: tuple[Ceiling, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceededBudget:
    """A budget that has not enough left: `used` credits of it are spent or promised, and the
    request would take about `estimate` more. `is_guess`: that is its guide price."""

    ceiling: Ceiling
    used: float
    estimate: float
    is_guess: bool = False

    @property
    def left(self) -> float:
        """Credits that may still be spent in this window."""
        return max(0.0, self.ceiling.budget.credits - self.used)


class NotAllowed(Rejected):
    """The workspace's rules forbid it."""

    def __init__(self, breaks: Sequence[RuleViolation]) -> None:
        super().__init__(Cause.NOT_ALLOWED, ", ".join(sorted(each.rule for each in breaks)))
        self.breaks = tuple(breaks)


class OverBudget(Rejected):
    """A budget has not enough left. An approver may let it through."""

    def __init__(
        self, shortfalls: Sequence[ExceededBudget], *, approval_id: str | None = None
    ) -> None:
        """`approval_id` names what is kept of the request, so that approval can be asked for;
        None where there is nobody to ask."""
        super().__init__(Cause.OVER_BUDGET)
        self.shortfalls = tuple(shortfalls)
        self.approval_id = approval_id


class AboveThreshold(Rejected):
    """It will probably take more than its person spends without being asked, or it is a brief of
    many pictures: nothing is promised before they have said yes."""

    def __init__(
        self,
        price: float | None,
        threshold: float | None,
        *,
        is_guide: bool = False,
        pictures: int = 1,
        left: float | None = None,
        is_budgets: bool = False,
    ) -> None:
        """In credits. `price` None: it could not be looked up, so it may be any; `is_guide`: none
        was seen for that model yet. `threshold` None: it is a brief of so many `pictures`. `left`:
        the balance that PowerPost told last; with `is_budgets` what is left of a budget, which is
        less."""
        super().__init__(Cause.ABOVE_THRESHOLD)
        self.price = price
        self.threshold = threshold
        self.is_guide = is_guide
        self.pictures = pictures
        self.left = left
        self.is_budgets = is_budgets


class TooManyAtOnce(Rejected):
    """A brief of more pictures than the workspace allows."""

    def __init__(self, pictures: int, most: int) -> None:
        super().__init__(Cause.NOT_ALLOWED, f"{pictures} pictures")
        self.pictures = pictures
        self.most = most


class StalePolicy(Transient):
    """The policy was changed between the look at it and the promise: look again."""

    def __init__(self) -> None:
        super().__init__(Cause.STORAGE, "the policy was changed meanwhile")
