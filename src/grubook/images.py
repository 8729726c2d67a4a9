"""Random changes of images, so that a network never sees one twice.

Measured once, on two cores: three of Keras's layers for it (rotation, zoom, translation), none of
which bends, take about four times as long as this, a warp for each image.
"""

import numpy as np

__all__ = ["warp_images"]


def warp_images(images, rng, degrees=10, zoom=0.1, shift=1.5, elastic=0.0, group=16):
    """Turn, scale, move and bend images at random, so that a network never sees one twice.

    Each output pixel is read from a warped place of the input (bilinear interpolation). One random
    warp is drawn for each group of images: neighbors in memory are then read together, which is
    several times faster than a warp an image, and shuffled batches mix the groups anyway.

    Args:
        images: float32 array of shape (n, rows, columns); beyond its edge it repeats the edge.
        rng: ``numpy.random.Generator``, or a seed.
        degrees, zoom, shift: the largest turn, relative scaling and displacement (pixels), each
            drawn uniformly from both directions.
        elastic: root mean square, in pixels, of a smooth random bending (Simard 2003,
            doi:10.1109/ICDAR.2003.1227801), smoothed with a Gaussian of 4 pixels.
        group: how many images share one warp.

    Returns:
        numpy.ndarray: float32, of the same shape.

    Raises:
        ValueError: the images are no such array, or ``zoom`` or ``group`` has no meaning.
    """
    shape = np.shape(images)
    if len(shape) != 3 or not shape[0] or min(shape[1:]) < 2 or zoom >= 1 or group < 1:
        raise ValueError(
            "warp_images: images must be (n, rows, columns), zoom below 1 and group at least 1; "
            f"got the shape {shape}, {zoom} and {group}"
        )
    rng = np.random.default_rng(rng) if isinstance(rng, int) else rng
    n, rows, columns = images.shape
    warps = -(-n // group)
    angle, size, down, right = (
        rng.uniform(-limit, limit, (warps, 1, 1)).astype("float32")
        for limit in (np.deg2rad(degrees), zoom, shift, shift)
    )
    y, x = np.mgrid[:rows, :columns].astype("float32")
    middle_y, middle_x = np.float32((rows - 1) / 2), np.float32((columns - 1) / 2)
    y, x = y - middle_y, x - middle_x
    cosine, sine = np.cos(angle) / (1 + size), np.sin(angle) / (1 + size)
    from_y = cosine * y - sine * x + middle_y + down
    from_x = sine * y + cosine * x + middle_x + right
    if elastic:
        noise = rng.standard_normal((2, warps, rows, columns), dtype="float32")
        bend_y, bend_x = elastic * (_smoother(rows) @ noise @ _smoother(columns).T)
        from_y, from_x = from_y + bend_y, from_x + bend_x
    from_y = np.clip(from_y, 0, rows - 1.001)  # the neighbors below and to the right exist
    from_x = np.clip(from_x, 0, columns - 1.001)
    top, left = np.floor(from_y), np.floor(from_x)
    below, beside = from_y - top, from_x - left

    # (warps, pixels, group): the pixels that one index reads for a whole group lie in one row.
    stack = np.zeros((warps * group, rows * columns), "float32")
    stack[:n] = images.reshape(n, -1)
    stack = np.ascontiguousarray(stack.reshape(warps, group, -1).transpose(0, 2, 1))
    corner = (top * columns + left).astype(np.int64).reshape(warps, -1)
    warped = np.float32(0)
    for offset, weight in (
        (0, (1 - below) * (1 - beside)),
        (1, (1 - below) * beside),
        (columns, below * (1 - beside)),
        (columns + 1, below * beside),
    ):
        read = stack[np.arange(warps)[:, None], corner + offset]
        warped = warped + weight.reshape(warps, -1, 1) * read
    return warped.transpose(0, 2, 1).reshape(-1, rows, columns)[:n]


def _smoother(length, sigma=4.0):
    """Square matrix that smooths white noise with a Gaussian and keeps its variance."""
    distance = np.arange(length)[:, None] - np.arange(length)
    kernel = np.exp(-(distance**2) / (2 * sigma**2))
    return (kernel / np.sqrt((kernel**2).sum(1, keepdims=True))).astype("float32")
