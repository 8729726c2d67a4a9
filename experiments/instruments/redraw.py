"""Digits as pen strokes: from an image to paths, and from paths to what the network reads.

`strokes_of` turns the image of a digit into the paths that a pen could have taken: thin it to its
skeleton (Zhang and Suen 1984, doi:10.1145/357994.358023), walk along the skeleton, smooth the walk,
and let the hand tremble. `prepare` is the digit microscope's way from strokes to pixels, the same
arithmetic as in web/gru/strokes.js.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d, zoom

SIDE = 28  # pixels
BOX = 20  # the longer side of every MNIST digit
MIDDLE = 14.5  # where its center of mass lies, on average, from the image's upper and left edge
PEN = 1.3  # the pen's radius in pixels: with it a digit has as much ink as MNIST's have
FINE = 4  # the skeleton is found on a grid this much finer than the image
#: A pixel's eight neighbors in turn, from the one above it.
AROUND = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]


def thin(ink):
    """Thin a boolean image to lines one pixel wide; its border must be empty."""
    ink = ink.copy()
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            p = [np.roll(ink, (-dy, -dx), (0, 1)) for dy, dx in AROUND]
            count = np.sum(p, axis=0)
            steps = sum(~p[i] & p[(i + 1) % 8] for i in range(8))
            up, right, down, left = p[0], p[2], p[4], p[6]
            if first:
                corner = ~(up & right & down) & ~(right & down & left)
            else:
                corner = ~(up & right & left) & ~(up & down & left)
            drop = ink & (count >= 2) & (count <= 6) & (steps == 1) & corner
            ink &= ~drop
            changed |= drop.any()
    return ink


def walk(skeleton, shortest):
    """Cut a skeleton into paths of (y, x): from a free end or a crossing on, straight ahead."""
    left = {tuple(p) for p in np.argwhere(skeleton)}
    degree = {p: len(_near(p, left)) for p in left}
    paths = []
    while left:
        start = min(left, key=lambda p: (degree[p] != 1, p))
        path = [start]
        left.discard(start)
        while near := _near(path[-1], left):
            back = np.subtract(path[-1], path[max(-6, -len(path))])
            path.append(max(near, key=lambda p: np.dot(np.subtract(p, path[-1]), back)))
            left.discard(path[-1])
        paths.append(path)
    longest = max(map(len, paths))
    # A closed line ends beside its start, and a branch beside its line: let them touch.
    return [
        np.array(_joined(path, skeleton), float)
        for path in paths
        if len(path) >= min(shortest, longest)
    ]


def _near(p, pixels):
    return [q for dy, dx in AROUND if (q := (p[0] + dy, p[1] + dx)) in pixels]


def _joined(path, skeleton):
    for end, inner in ((0, path[1:3]), (-1, path[-3:-1])):
        y, x = path[end]
        touching = [
            (y + dy, x + dx)
            for dy, dx in AROUND
            if skeleton[y + dy, x + dx] and (y + dy, x + dx) not in inner
        ]
        if touching:
            path = [touching[0], *path] if end == 0 else [*path, touching[0]]
    return path


def strokes_of(image, rng, tremble=0.35):
    """Turn a digit's image into strokes.

    Args:
        image: (28, 28), bytes from 0 for paper to 255 for ink.
        rng: ``numpy.random.Generator``.
        tremble: root mean square, in pixels of the image, of the smooth error of the hand.

    Returns:
        list: one array of (points, 2) a stroke, x and y between 0 and 1 across the image.
    """
    fine = zoom(np.pad(image.astype(float), 1), FINE, order=1, grid_mode=True, mode="grid-constant")
    strokes = []
    for path in walk(thin(fine > 110), shortest=2 * FINE):
        closed = len(path) > 8 and np.abs(path[0] - path[-1]).max() <= 1
        smooth = gaussian_filter1d(path, FINE / 2, axis=0, mode="wrap" if closed else "nearest")
        points = np.concatenate([smooth[:-1:FINE], smooth[-1:]])  # about one a pixel
        error = gaussian_filter1d(rng.normal(size=(len(points) + 20, 2)), 2, axis=0)[10:-10]
        error *= tremble * FINE * np.sqrt(2 * np.sqrt(np.pi) * 2)
        yx = (points + error + 0.5) / FINE - 1
        strokes.append(yx[:, ::-1] / SIDE)
    return strokes


def prepare(strokes, pen=PEN):
    """Draw strokes as MNIST's digits were prepared: (28, 28), 0 for paper to 1 for ink.

    Scaled so that the longer side, pen included, is 20 pixels; moved until the center of mass is
    where MNIST has it.
    """
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = (BOX - 2 * pen) / max(*(high - low), 0.1)
    middle = (low + high) / 2
    place = [(stroke - middle) * scale + SIDE / 2 for stroke in strokes]
    image = _ink(place, pen)
    weight = image.sum()
    grid = np.arange(SIDE) + 0.5
    center = np.array([image.sum(0) @ grid, image.sum(1) @ grid]) / weight
    return _ink([stroke + MIDDLE - center for stroke in place], pen)


def _ink(strokes, pen):
    """How much of each pixel the pen covered: by its distance to the nearest piece of a stroke."""
    starts = np.concatenate([s[:-1] if len(s) > 1 else s for s in strokes])
    ends = np.concatenate([s[1:] if len(s) > 1 else s for s in strokes])
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    pixels = np.stack([x, y], -1).reshape(-1, 1, 2)
    along = ends - starts
    length = (along**2).sum(1)
    share = ((pixels - starts) * along).sum(2) / np.where(length > 0, length, 1)
    nearest = starts + np.clip(share, 0, 1)[..., None] * along
    distance = np.sqrt(((pixels - nearest) ** 2).sum(2).min(1))
    return np.clip(pen + 0.5 - distance, 0, 1).reshape(SIDE, SIDE)
