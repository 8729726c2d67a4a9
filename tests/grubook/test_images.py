"""Random warps change where the ink is, and nothing else."""

import numpy as np
import pytest

from grubook.images import warp_images

STILL = {"degrees": 0, "zoom": 0, "shift": 0}


@pytest.fixture
def images():
    """Forty squares of ink, each at its own place well inside the image."""
    images = np.zeros((40, 28, 28), "float32")
    for i, image in enumerate(images):
        image[8 + i % 5 : 16 + i % 5, 9 + i % 7 : 17 + i % 7] = 1
    return images


def centers(images):
    weight = images.sum((1, 2))
    rows = (images.sum(2) * np.arange(28)).sum(1) / weight
    columns = (images.sum(1) * np.arange(28)).sum(1) / weight
    return np.stack([rows, columns], 1)


def test_without_any_warp_the_images_stay_as_they_are_up_to_their_edges():
    images = np.random.default_rng(0).random((20, 28, 28), "float32")
    out = warp_images(images, np.random.default_rng(0), **STILL)
    np.testing.assert_allclose(out, images, atol=2e-3)
    assert out.dtype == np.float32 and out is not images


def test_a_seed_repeats_the_warps_and_another_one_does_not(images):
    a, b, c = (warp_images(images, s, elastic=1.0) for s in (np.random.default_rng(1), 1, 2))
    assert np.array_equal(a, b)
    assert not np.allclose(a, c)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 40])
def test_any_number_of_images_comes_back_in_order(images, n):
    out = warp_images(images[:n], np.random.default_rng(0), shift=0.5)
    assert out.shape == (n, 28, 28)
    assert np.abs(centers(out) - centers(images[:n])).max() < 2


def test_a_shift_moves_the_ink_at_most_that_far_and_keeps_it_all(images):
    limits = STILL | {"shift": 2.0}
    out = warp_images(images, np.random.default_rng(0), **limits, group=1)
    moved = np.abs(centers(out) - centers(images))
    assert 1 < moved.max() <= 2.01
    np.testing.assert_allclose(out.sum((1, 2)), images.sum((1, 2)), rtol=1e-4)


def test_images_of_a_group_share_one_warp_and_groups_differ(images):
    limits = STILL | {"shift": 2.0}
    moved = centers(warp_images(images, np.random.default_rng(0), **limits, group=8))
    moved -= centers(images)
    for first in range(0, 40, 8):
        assert np.ptp(moved[first : first + 8], axis=0).max() < 1e-3
    assert len(np.unique(moved[::8].round(3), axis=0)) == 5


def test_bending_has_the_size_that_was_asked_for():
    ramp = np.tile(np.arange(28, dtype="float32"), (400, 28, 1))
    out = warp_images(ramp, np.random.default_rng(0), **STILL, elastic=1.0, group=1)
    pixels = (out - ramp)[:, 10:18, 10:18]  # far from the edge, a column's value is its place
    assert np.sqrt(np.mean(pixels**2)) == pytest.approx(1.0, abs=0.1)
    # A Gaussian of 4 pixels leaves, between places 4 pixels apart, a correlation of exp(-1/4).
    alike = np.corrcoef(pixels[..., :4].ravel(), pixels[..., 4:].ravel())[0, 1]
    assert alike == pytest.approx(np.exp(-0.25), abs=0.06)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((28, 28), {}),
        ((0, 28, 28), {}),
        ((2, 1, 28), {}),
        ((2, 28, 28), {"zoom": 1}),
        ((2, 28, 28), {"group": 0}),
    ],
)
def test_what_cannot_be_warped_is_refused(shape, options):
    with pytest.raises(ValueError, match=r"images must be \(n, rows, columns\), zoom below 1"):
        warp_images(np.zeros(shape, "float32"), np.random.default_rng(0), **options)


class UpperLimits:
    """A generator whose every draw is the largest."""

    def uniform(self, low, high, shape):
        return np.full(shape, high)


@pytest.mark.parametrize(
    ("warp", "row", "column"),
    [
        ({"degrees": 90}, 13.5 + 3, 13.5 - 2),  # a quarter turn, clockwise
        ({"zoom": 0.5}, 13.5 + 1.5 * 2, 13.5 + 1.5 * 3),  # half as large again
        ({"shift": 2}, 13.5 + 2 - 2, 13.5 + 3 - 2),  # up and to the left
    ],
)
def test_each_warp_has_its_size_and_direction(warp, row, column):
    y, x = np.mgrid[:28, :28]
    spot = np.exp(-((y - 13.5 - 2) ** 2 + (x - 13.5 - 3) ** 2) / 8).astype("float32")
    out = warp_images(spot[None], UpperLimits(), **STILL | warp)
    np.testing.assert_allclose(centers(out), [[row, column]], atol=0.05)
    size = 1 + warp.get("zoom", 0)
    assert out.sum() == pytest.approx(spot.sum() * size**2, rel=0.02)
