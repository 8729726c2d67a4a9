"""The chosen recipe at full length: GRU(64) with its 18,698 weights, over five seeds.

The recipe is the one that `select` chose on validation images, trained longer. Each seed trains on
all 60,000 training images (55,000 and the 5,000 that chose the recipe) and is read on the 10,000
test images after training. The first seed's weights are kept: ``load_weights("digits")``.
"""

from experiments.common import Recorder, command_line
from experiments.digits.data import joined, load, scaled
from experiments.digits.select import RECIPE, evaluate, save, train

EPOCHS = 60
SEEDS = [0, 1, 2, 3, 4]


def main():
    sets, digest = load()
    recorder = Recorder(
        __file__,
        {"epochs": EPOCHS, "train": 60_000, "test": 10_000, "recipe": RECIPE, "seeds": SEEDS},
        tolerance={"test_accuracy": 0.0015, "test_loss": 0.005},
        data=digest,
    )
    *both, test = scaled(sets)
    for key in recorder.todo({"seed": seed} for seed in SEEDS):
        model, seconds = train(*joined(*both), RECIPE, EPOCHS, **key)
        if key["seed"] == SEEDS[0]:
            save(model, recorder.beside("digits.npz"))
        figures = evaluate(model, "test", *test)
        recorder.add(**key, parameters=model.count_params(), **figures, seconds=seconds)


if __name__ == "__main__":
    command_line(main)
