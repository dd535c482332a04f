"""The catalogue, held against the specification's own table of models, sizes and pixels."""

from __future__ import annotations

import pytest

from bot.images.catalogue import MODELS, Model, Size, propose_size
from bot.images.request import ImageRequest, Rule, find_spec_violations


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
        assert [v.rule for v in find_spec_violations(request)] == [Rule.SIZE_NOT_IN_MODEL]
    else:
        assert find_spec_violations(request) == []
        assert str(request.dimensions) == pixels


def test_the_ratio_that_is_shown_is_that_of_the_pixels() -> None:
    for facts in MODELS.values():
        for dimensions in facts.dimensions.values():
            width, height = map(int, dimensions.ratio.split(":"))
            assert dimensions.width / dimensions.height == pytest.approx(width / height, rel=0.002)


@pytest.mark.parametrize(
    ("model", "size", "ratio", "suits"),
    [
        (Model.FLUX2_FLEX, Size.PORTRAIT, "9:16", "Stories, Reels, TikTok"),
        (Model.FLUX2_FLEX, Size.FEED, "4:5", "Instagram/Facebook feed posts"),
        (Model.NANO_BANANA_2, Size.FEED, "7:9", "cropped a little to 4:5"),
        (Model.NANO_BANANA_2, Size.PORTRAIT, "4:7", "cropped a little to 9:16"),
        (Model.NANO_BANANA_2, Size.LANDSCAPE, "7:4", "cropped a little to 16:9"),
        (Model.GPT_IMAGE_1_5, Size.PORTRAIT, "2:3", "stories would be cropped"),
        (Model.GPT_IMAGE_1_5, Size.LANDSCAPE, "3:2", "videos would be cropped"),
    ],
)
def test_what_a_size_suits_is_said_by_its_pixels(
    model: Model, size: Size, ratio: str, suits: str
) -> None:
    dimensions = MODELS[model].dimensions[size]

    assert dimensions.ratio == ratio
    assert suits in dimensions.best_for


def test_each_size_of_each_model_suits_something() -> None:
    for facts in MODELS.values():
        assert all(0 < len(pixels.best_for) <= 75 for pixels in facts.dimensions.values())


@pytest.mark.parametrize(
    ("post_types", "model", "size"),
    [
        (["instagram-story"], Model.FLUX2_FLEX, Size.PORTRAIT),
        (["instagram-feed"], Model.FLUX2_FLEX, Size.FEED),
        (["instagram-feed"], Model.GPT_IMAGE_1_5, None),
        (["youtube-video", "youtube-short"], Model.FLUX2_FLEX, Size.LANDSCAPE),
        (["youtube-short"], Model.FLUX2_FLEX, Size.PORTRAIT),
        (["tiktok-video", "tiktok-photos"], Model.GPT_IMAGE_1_5, Size.PORTRAIT),
        (["x-post", "instagram-story"], Model.FLUX2_FLEX, None),
        (["linkedin-post"], Model.FLUX2_FLEX, None),
        ([], Model.FLUX2_FLEX, None),
    ],
)
def test_a_caption_proposes_the_size_that_its_posts_want(
    post_types: list[str], model: Model, size: Size | None
) -> None:
    assert propose_size(post_types, model) is size


@pytest.mark.parametrize(
    ("request_", "rules"),
    [
        (ImageRequest(caption_id="g"), []),
        (ImageRequest(caption_id="g", prompt="dark", source_post_type="x-post"), []),
        (
            ImageRequest(prompt="fog", source_post_type="x-post"),
            [Rule.SOURCE_POST_TYPE_WITHOUT_CAPTION],
        ),
        (
            ImageRequest(caption_id="g", source_post_type="myspace"),
            [Rule.SOURCE_POST_TYPE_UNKNOWN],
        ),
        (ImageRequest(style_images=("a",)), [Rule.PROMPT_MISSING]),
        (ImageRequest(prompt="fog", style_images=tuple("abcd")), []),
        (ImageRequest(prompt="fog", style_images=tuple("abcde")), [Rule.TOO_MANY_STYLE_IMAGES]),
    ],
)
def test_each_input_mode_has_its_own_rules(request_: ImageRequest, rules: list[Rule]) -> None:
    assert [v.rule for v in find_spec_violations(request_)] == rules


def test_stored_json_keeps_the_name_that_older_versions_know() -> None:
    request = ImageRequest(caption_id="g", prompt="dark")
    stored = request.model_dump(mode="json")

    assert stored["generation_id"] == "g"
    assert "caption_id" not in stored
    assert ImageRequest.model_validate(stored) == request
    assert ImageRequest.model_validate_json(request.model_dump_json()) == request
