"""How well the book's network reads what people draw: shifted, scaled, thick, thin, by strokes.

``load_weights("digits")`` reads all 10,000 test images, each changed in one way, and 2,000 of them
redrawn from their skeletons with the digit microscope's pen. Nothing is trained or chosen here.
"""

import numpy as np
from scipy.ndimage import grey_dilation, grey_erosion

from experiments.common import Recorder, array_digest, brief, command_line
from experiments.digits.data import load, scaled
from experiments.instruments.redraw import PEN, prepare, strokes_of
from grubook.images import warp_images
from grubook.reference import gru_forward
from grubook.weights import load_weights

SEED = 0
REDRAWN = 2_000
CROSS = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], bool)
STILL = {"degrees": 0, "zoom": 0, "shift": 0, "group": 1}

CHANGES = {
    "as they are": lambda x, rng: x,
    "shifted by up to 3 pixels": lambda x, rng: warp_images(x, rng, **STILL | {"shift": 3}),
    "scaled by up to a quarter": lambda x, rng: warp_images(x, rng, **STILL | {"zoom": 0.25}),
    "turned by up to 15 degrees": lambda x, rng: warp_images(x, rng, **STILL | {"degrees": 15}),
    "thick: a pixel of ink all around": lambda x, rng: grey_dilation(x, footprint=CROSS),
    "thin: half a pixel taken off": lambda x, rng: grey_erosion(x, size=(1, 2, 2)),
    "redrawn, the microscope's pen": lambda x, rng: redraw(x, rng, PEN),
    "redrawn, a pen of two thirds": lambda x, rng: redraw(x, rng, PEN * 2 / 3),
    "redrawn, a pen of three halves": lambda x, rng: redraw(x, rng, PEN * 3 / 2),
}


def redraw(x, rng, pen):
    images = [prepare(strokes_of(255 * image, rng), pen) for image in x[: brief(REDRAWN, 10)]]
    return np.array(images, "float32")


def right(x, y, weights):
    """The share of images that the network names rightly, in pieces that fit into memory."""
    W, U, b, V, c = weights
    pieces = (x[start : start + 1000] for start in range(0, len(x), 1000))
    answers = [(gru_forward(piece, W, U, b).h[:, -1] @ V + c).argmax(1) for piece in pieces]
    return float(np.mean(np.concatenate(answers) == y[: len(x)]))


def main():
    *_, test = load()[0]
    weights = list(load_weights("digits").values())
    recorder = Recorder(
        __file__,
        {"seed": SEED, "images": len(test[0]), "redrawn": REDRAWN, "pen": PEN},
        tolerance={"accuracy": 0.003},
        data=array_digest(*test, *weights),
    )
    [(x, y)] = scaled([test])
    for name, change in CHANGES.items():
        for key in recorder.todo([{"digits": name, "seed": SEED}]):
            changed = change(x, np.random.default_rng(SEED))
            recorder.add(**key, images=len(changed), accuracy=right(changed, y, weights))


if __name__ == "__main__":
    command_line(main)
