"""What a form comes to, if it asks for several pictures at once: by choices in its prompt, several
sizes and models, one prompt a line, or a list. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.images.brief import BriefPlan
from bot.images.lists import PromptList, read_lines
from bot.images.meaning import Change, Misunderstood, Problem
from bot.images.options import multiply
from bot.images.request import ImageRequest
from bot.slack.image_form import texts as form_texts
from bot.slack.image_form.values import FormContext, FormValues, Misfit
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import list_texts
from bot.slack.kit.ids import Field


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for: `brief` if that is several; the errors at its fields; and what is wrong
    with rows of its list, as long as nobody has chosen to leave them out."""

    request: ImageRequest
    brief: BriefPlan | None
    errors: dict[Field, str]
    faults: str = ""
    preset: str | None = None  # that of the only row of a list
    campaign: str | None = None  # likewise


def plan_form(
    values: FormValues, listed: PromptList | None = None, *, known_faults: str = ""
) -> Asked:
    """What `values` ask for. `listed` is what was read of its list, if it has one; `known_faults`
    are those that the form has named, and no others are left out."""
    request = values.to_request().model_copy(update={"prompt": values.whole_prompt or None})
    if values.is_several and values.is_one_a_line and listed is None:
        listed = read_lines(values.prompt)
    rows = listed.rows if listed is not None else ()
    if values.list_file is not None and rows and not request.prompt:
        request = request.model_copy(update={"prompt": " · ".join(row.prompt for row in rows)})
    errors, faults = _check_list(values, listed)
    if errors or (faults and not (values.leaves_out and faults == known_faults)):
        return Asked(request, None, errors, "" if errors else faults)
    change, problems = multiply(Change(request, ()), values.to_spread(rows), values.model)
    found = _list_errors(values, problems)
    said = change.options
    return Asked(change.request, change.brief, found, preset=said.preset, campaign=said.campaign)


def _check_list(values: FormValues, listed: PromptList | None) -> tuple[dict[Field, str], str]:
    """What is wrong with the list as a whole, and with rows of it."""
    if listed is None or not listed.faults:
        return {}, ""
    said = list_texts.faults(listed, is_file=values.list_file is not None)
    if not listed.is_hopeless:
        return {}, said
    is_empty = not values.prompt.strip() and values.list_file is None
    field = Field.PROMPT if values.list_file is None else Field.LIST
    return ({} if is_empty else {field: said}), ""


def _list_errors(values: FormValues, problems: list[Misunderstood]) -> dict[Field, str]:
    errors: dict[Field, str] = {}
    for problem in problems:
        match problem.problem:
            case Problem.SIZE_DIFFERS if values.misfit == Misfit.ASK:
                errors[Field.MISFIT] = answers.misunderstood(problem)
            case Problem.TOO_MANY:
                is_list = values.list_file is not None
                errors[Field.LIST if is_list else Field.PROMPT] = answers.misunderstood(problem)
            case Problem.UNCLOSED:
                errors[Field.PROMPT] = answers.misunderstood(problem)
    if values.is_several and not (values.sizes or values.uses):
        errors[Field.SIZES] = form_texts.PICK_SIZES
    if values.is_several and not values.models:
        errors[Field.MODELS] = form_texts.PICK_MODELS
    if values.list_file is not None and values.prompt.strip():
        errors[Field.PROMPT] = form_texts.PROMPT_AND_LIST
    return errors


def keep_files(context: FormContext, values: FormValues) -> tuple[FormContext, FormValues]:
    """The form with what was picked in it as what may be kept: what becomes of picked files when it
    is drawn anew is not documented."""
    kept = values.references
    offered = {each.key: each for each in (*context.offered, *kept)}
    context = context.model_copy(
        update={
            "offered": tuple(offered.values())[:10],
            "list_file": values.list_file,
            "said": "",  # when it was opened
        }
    )
    return context, values.model_copy(update={"kept": kept, "files": ()})
