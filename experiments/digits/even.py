"""The GRU with the same care as the baselines of `mnist_rows_article`: an even comparison.

Clipping at norm 1, the learning rate chosen from the same three on the same validation images after
three epochs, then ten epochs with three seeds, and the test images read once.
"""

from experiments.common import Recorder, array_digest
from experiments.digits import article as article

NAME = "GRU, tuned rate"


def main():
    sets = article.load_mnist()
    recorder = Recorder(
        __file__,
        {
            "train": 55_000,
            "validation": 5_000,
            "test": 10_000,
            "epochs": article.EPOCHS,
            "batch": article.BATCH,
            "seeds": article.SEEDS,
            "rates": article.RATES,
            "clip": 1.0,
            "selection_epochs": article.SELECTION_EPOCHS,
        },
        tolerance={"val_accuracy": 0.005, "val_loss": 0.02, "test_accuracy": 0.005},
        data=array_digest(*(array for pair in sets for array in pair)),
    )
    fit_set, val_set, test_set = ((x.astype("float32") / 255, y) for x, y in sets)

    def run(stage, rate, seed, epochs):
        key = {"stage": stage, "model": NAME, "tried": f"rate {rate:g}", "seed": seed}
        if recorder.done(**key):
            return
        model, figures = article.train(NAME, rate, 1.0, seed, epochs, fit_set, val_set)
        if stage == "result":
            figures["test_accuracy"] = model.evaluate(*test_set, 1000, verbose=0)[1]
        recorder.add(**key, rate=rate, **figures)

    for rate in article.RATES:
        run("selection", rate, article.SELECTION_SEED, article.SELECTION_EPOCHS)
    tried = [r for r in recorder.content["runs"] if r["stage"] == "selection"]
    best = max(tried, key=lambda r: r["val_accuracy"])["rate"]
    for seed in article.SEEDS:
        run("result", best, seed, article.EPOCHS)


if __name__ == "__main__":
    main()
