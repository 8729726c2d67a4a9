"""The GRU with the same care as the baselines of `article`: an even comparison.

Clipping at norm 1, the learning rate chosen from the same three on the same validation images after
three epochs, then ten epochs with three seeds, and the test images read once.
"""

from experiments.common import Recorder, command_line
from experiments.digits import article
from experiments.digits.data import load, scaled


def main():
    sets, digest = load()
    settings = {"seeds": article.SEEDS, "rates": article.RATES, "clip": article.CLIP}
    recorder = Recorder(
        __file__,
        article.SIZES | settings | {"selection_epochs": article.SELECTION_EPOCHS},
        article.TOLERANCE,
        data=digest,
    )
    article.tune(recorder, scaled(sets), "GRU, tuned rate")


if __name__ == "__main__":
    command_line(main)
