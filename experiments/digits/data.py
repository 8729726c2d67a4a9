"""MNIST as the experiments read it."""

import functools

import numpy as np

from experiments.common import array_digest, brief
from grubook.data import load_mnist


@functools.cache
def load(parts=3):
    """The first parts of training, validation and test (pairs of images and labels); a digest."""
    sets = load_mnist()[:parts]
    return sets, array_digest(*(array for pair in sets for array in pair))


def scaled(sets, by=255):
    """Divide the pixels of each set of images and labels; a smoke run reads the first few."""
    n = brief(None, 128)
    return [(x[:n].astype("float32") / by, y[:n]) for x, y in sets]


def joined(*sets):
    """Several sets of images and labels as one."""
    return tuple(np.concatenate(arrays) for arrays in zip(*sets, strict=True))
