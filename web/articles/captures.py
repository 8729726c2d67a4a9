"""What happens when one does as the Keras article says: its lines, and what came of them, as JSON.

web/articles/update.py puts both into chapters/articles.md, and a test holds the page against a
fresh run.
"""

import inspect
import json
import os
import re
import shlex
import subprocess
import textwrap
import warnings

import numpy as np
from keras.layers import GRU, Dense
from keras.models import Sequential


def undefined_names():
    model = Sequential()
    model.add(GRU(64, input_shape=(timesteps, features)))  # noqa: F821


def input_shape():
    model = Sequential()
    model.add(GRU(64, input_shape=(24, 1)))


def article_works():
    import keras

    timesteps, features = 24, 1
    model = Sequential()
    model.add(keras.Input((timesteps, features)))
    model.add(GRU(64))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    x_train, y_train = np.zeros((32, timesteps, features)), np.zeros(32)
    history = model.fit(x_train, y_train, epochs=1, batch_size=32, verbose=0)
    return f"{model.count_params()} weights, {len(history.epoch)} epoch"


def capture_command(command):
    setting, *rest = shlex.split(command)
    environment = os.environ | dict([setting.split("=")])
    settings = {"capture_output": True, "encoding": "utf-8", "check": False}
    run = subprocess.run(rest, env=environment, **settings)
    result = (run.stdout + run.stderr).strip().splitlines()[-1]
    return {"language": "sh", "code": command, "result": result}


def capture(program):
    code = textwrap.dedent("".join(inspect.getsourcelines(program)[0][1:]))
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            result = program()
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
    if result is None:
        result = f"{found[0].category.__name__}: {found[0].message}"
    code = re.sub("^return ", "", code.replace("  # noqa: F821", ""), flags=re.MULTILINE)
    return {"language": "python", "code": code.strip("\n"), "result": result}


def main():
    programs = {
        "keras-undefined-names": undefined_names,
        "keras-input-shape": input_shape,
        "keras-works": article_works,
    }
    captured = {name: capture(program) for name, program in programs.items()}
    captured["keras-theano"] = capture_command('KERAS_BACKEND=theano python -c "import keras"')
    print(json.dumps(captured, indent=1))


if __name__ == "__main__":
    main()
