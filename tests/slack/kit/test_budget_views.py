"""What a modal about an approval remembers."""

from __future__ import annotations

import pytest

from bot.slack.kit.budget_views import ApprovalContext


@pytest.mark.parametrize(
    "metadata",
    [
        '{"approval_id":"a1","channel_id":"C1"}',
        pytest.param("a1:C1", id="of a modal that an older version opened"),
    ],
)
def test_a_modal_remembers_the_approval_and_where_it_was_opened(metadata: str) -> None:
    assert ApprovalContext.read(metadata) == ApprovalContext(approval_id="a1", channel_id="C1")


def test_a_modal_upon_the_form_remembers_the_approval_alone() -> None:
    kept = ApprovalContext(approval_id="a1")

    assert ApprovalContext.read(kept.write()) == ApprovalContext.read("a1") == kept
    assert ApprovalContext.read("") == ApprovalContext()
