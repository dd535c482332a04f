"""The catalogue, held against the specification's own table of models, sizes and pixels."""

from __future__ import annotations

import pytest

from bot.images.catalogue import MODELS, Model, Size
from bot.images.request import ImageRequest, Rule, find_violations


@pytest.mark.parametrize(
    ("model", "size", "pixels"),
    [
        ("flux2-flex", "square", "1024×1024"),
        ("flux2-flex", "feed", "1280×1600"),
        ("flux2-flex", "portrait", "1088×1936"),
        ("flux2-flex", "landscape", "1536×864"),
        ("ideogram-3", "square", "1024×1024"),
        ("ideogram-3", "feed", "1280×1600"),
        ("ideogram-3", "portrait", "1088×1936"),
        ("ideogram-3", "landscape", "1536×864"),
        ("gpt-image-1.5", "square", "1024×1024"),
        ("gpt-image-1.5", "feed", None),
        ("gpt-image-1.5", "portrait", "1024×1536"),
        ("gpt-image-1.5", "landscape", "1536×1024"),
        ("nano-banana-2", "square", "1024×1024"),
        ("nano-banana-2", "feed", "896×1152"),
        ("nano-banana-2", "portrait", "768×1344"),
        ("nano-banana-2", "landscape", "1344×768"),
    ],
)
def test_each_pair_of_model_and_size_has_the_pixels_of_the_specification(
    model: str, size: str, pixels: str | None
) -> None:
    request = ImageRequest(prompt="fog", model=Model(model), size=Size(size))

    if pixels is None:
        assert [v.rule for v in find_violations(request)] == [Rule.SIZE_NOT_IN_MODEL]
    else:
        assert find_violations(request) == []
        assert str(request.dimensions) == pixels


def test_the_ratio_that_is_shown_is_that_of_the_pixels() -> None:
    for facts in MODELS.values():
        for dimensions in facts.dimensions.values():
            width, height = map(int, dimensions.ratio.split(":"))
            assert dimensions.width / dimensions.height == pytest.approx(width / height, rel=0.035)


@pytest.mark.parametrize(
    ("request_", "rules"),
    [
        (ImageRequest(generation_id="g"), []),
        (ImageRequest(generation_id="g", prompt="dark", source_post_type="x-post"), []),
        (
            ImageRequest(prompt="fog", source_post_type="x-post"),
            [Rule.SOURCE_POST_TYPE_WITHOUT_CAPTION],
        ),
        (
            ImageRequest(generation_id="g", source_post_type="myspace"),
            [Rule.SOURCE_POST_TYPE_UNKNOWN],
        ),
        (ImageRequest(style_images=("a",)), [Rule.PROMPT_MISSING]),
        (ImageRequest(prompt="fog", style_images=tuple("abcd")), []),
        (ImageRequest(prompt="fog", style_images=tuple("abcde")), [Rule.TOO_MANY_STYLE_IMAGES]),
    ],
)
def test_each_input_mode_has_its_own_rules(request_: ImageRequest, rules: list[Rule]) -> None:
    assert [v.rule for v in find_violations(request_)] == rules
