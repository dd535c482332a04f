"""What was asked for at once, as parts of one promise. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.generations.record import NewGeneration, Part
from bot.images.brief import BriefPlan, PlannedPart
from bot.images.campaigns import CAMPAIGN_MAX, read_campaign
from bot.policy.choices import Choice


def with_brief(new: NewGeneration, brief: BriefPlan | None) -> NewGeneration:
    """`new`, with the parts of the brief that it is."""
    if brief is None:
        return new
    choice = new.choice or Choice()
    parts = tuple(_make_part(planned, choice) for planned in brief.parts)
    return replace(new, parts=parts, spread=brief.spread)


def _make_part(planned: PlannedPart, choice: Choice) -> Part:
    """A row that names a preset is as that says, but for what the row itself says."""
    own = None
    if planned.preset is not None:
        own = replace(choice, said=planned.said, preset=planned.preset)
    elif not planned.said <= choice.said:
        own = replace(choice, said=choice.said | planned.said)
    named = planned.campaign
    campaign = None if named is None else read_campaign(named)[:CAMPAIGN_MAX].rstrip()
    return Part(planned.request, planned.label, planned.uses, own, campaign=campaign)
