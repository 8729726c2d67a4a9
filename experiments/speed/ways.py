"""Ways to train a GRU and to read one digit: `bench` starts each in a process of its own.

A way is a function of the arrays that it reads. It returns what it computed, so that ways can be
held against each other, and a function that does one piece of its work and says how long it took.
"""

import itertools
import json
import subprocess
import tempfile
import time

import numpy as np

from grubook.layouts import convert_weights
from grubook.reference import gru_forward
from grubook.weights import export_weights, load_weights

UNITS, BATCH, ARRAYS = 64, 32, "WUbVc"


def timed(work, pieces):
    """The work as a function that does it, and says the processor's milliseconds for a piece."""

    def measured():
        began = time.process_time()
        work()
        return 1e3 * (time.process_time() - began) / pieces

    return measured


def trained(fit, n):
    """The losses of the first batch and of ten, and what times a pass through all n examples."""
    said = [fit(BATCH), fit(10 * BATCH)]
    fit(n)
    return said, timed(lambda: fit(n), n / BATCH)


def one_product_gru(keras):
    """Keras's GRU layer with one product for the inputs of all steps, outside of the loop."""

    class Cell(keras.layers.GRUCell):
        def call(self, a, states, training=False):
            [h], u = states, self.units
            q = keras.ops.matmul(h, self.recurrent_kernel) + self.bias[1]
            gates = keras.ops.sigmoid(a[:, : 2 * u] + q[:, : 2 * u])
            z, r = gates[:, :u], gates[:, u:]
            h = z * h + (1 - z) * keras.ops.tanh(a[:, 2 * u :] + r * q[:, 2 * u :])
            return h, [h]

    class Layer(keras.layers.RNN):
        def __init__(self, units, **settings):
            super().__init__(Cell(units), **settings)

        def inner_loop(self, sequences, *args, **settings):
            a = keras.ops.matmul(sequences, self.cell.kernel) + self.cell.bias[0]
            return super().inner_loop(a, *args, **settings)

    return Layer


def keras_training(data, one_product=False, **settings):
    import keras

    words, gru = "E" in data, one_product_gru(keras) if one_product else keras.layers.GRU
    layers = [keras.layers.Embedding(*data["E"].shape, mask_zero=True)] if words else []
    layers += [gru(UNITS, return_sequences=words), keras.layers.Dense(data["V"].shape[1])]
    model = keras.Sequential([keras.Input(data["x"].shape[1:], dtype=data["x"].dtype), *layers])
    model.set_weights([data[name] for name in f"E{ARRAYS}" if name in data])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, **settings)
    x, y = map(keras.ops.convert_to_tensor, (data["x"], data["y"]))

    def fit(n):
        fitted = model.fit(x[:n], y[:n], batch_size=BATCH, shuffle=False, verbose=0)
        return fitted.history["loss"][0]

    return trained(fit, len(x))


def pytorch_training(data):
    import torch

    embed = torch.nn.Embedding(*data["E"].shape) if "E" in data else torch.nn.Identity()
    gru = torch.nn.GRU(len(data["W"]), UNITS, batch_first=True)
    network = torch.nn.ModuleList([embed, gru, dense := torch.nn.Linear(*data["V"].shape)])
    arrays = [data["E"]] if "E" in data else []
    arrays += [*convert_weights([data[name] for name in "WUb"], "keras", "pytorch")]
    with torch.no_grad():
        parameters = network.parameters()
        for parameter, array in zip(parameters, [*arrays, data["V"].T, data["c"]], strict=True):
            parameter.copy_(torch.tensor(array))
    optimizer = torch.optim.Adam(network.parameters(), 1e-3, fused=True)
    updates = itertools.count(1)
    x, y = torch.tensor(data["x"]), torch.tensor(data["y"]).long()

    def fit(n):
        total = torch.zeros(())
        for i in range(0, n, BATCH):
            optimizer.zero_grad()
            states, _ = gru(embed(x[i : i + BATCH]))
            logits = dense(states if "E" in data else states[:, -1]).flatten(0, -2)
            loss = torch.nn.functional.cross_entropy(logits, y[i : i + BATCH].flatten())
            loss.backward()
            # Adam adds epsilon after the correction by this root; Keras's adds 1e-7 before it.
            optimizer.param_groups[0]["eps"] = 1e-7 / (1 - 0.999 ** next(updates)) ** 0.5
            optimizer.step()
            total += loss.detach()
        return total.item() * BATCH / n

    return trained(fit, len(x))


def products(data):
    """The matrix products of a batch, forward and backward, and nothing between them."""
    W, U, V = (data[name] for name in "WUV")
    steps, words = data["x"].shape[1], "E" in data
    ones = lambda *shape: np.ones(shape, "float32")  # noqa: E731
    x, states, gates = (ones(steps * BATCH, n) for n in (len(W), UNITS, 3 * UNITS))
    h, q = states[:BATCH], gates[:BATCH]
    read = states if words else h  # a word is guessed at each step, a digit after the last
    scores = ones(len(read), V.shape[1])
    pairs = [(x, W), *[(h, U)] * steps, (read, V), (scores, V.T), (read.T, scores)]
    pairs += [*[(q, U.T)] * steps, (states.T, gates), (x.T, gates), *[(gates, W.T)] * words]
    outs = [ones(len(a), b.shape[1]) for a, b in pairs]

    def work():
        for _ in range(10):
            for (a, b), out in zip(pairs, outs, strict=True):
                np.matmul(a, b, out=out)

    work()
    return None, timed(work, 10)


def pipeline(_):
    """The book's way from a CSV file to shuffled batches of windows of 40 words; no network."""
    import tensorflow as tf

    from experiments.common import distinct, reviews
    from grubook.data.reviews import load_reviews
    from grubook.text import Vocabulary, windows

    folder = tempfile.TemporaryDirectory()
    reviews().head(10_000).to_csv(f"{folder.name}/reviews.csv", index=False)

    def work():
        found = load_reviews(f"{folder.name}/reviews.csv")
        words, _ = distinct(found["text"] + " " + found["title"])
        vocabulary = Vocabulary.from_tokens(words)
        arrays = windows([vocabulary.encode(review, end=True) for review in words], 40)
        batches = tf.data.Dataset.from_tensor_slices(arrays).shuffle(len(arrays[0])).batch(BATCH)
        return sum(1 for _ in batches)

    return None, timed(work, work())


def answers(answer, x):
    """The scores of all images, and what takes the median time of one image."""

    def median():
        times = []
        for _ in range(51):
            began = time.perf_counter()
            answer(x[:1])
            times.append(time.perf_counter() - began)
        return 1e3 * np.median(times)

    return [np.ravel(answer(x[i : i + 1])).tolist() for i in range(len(x))], median


def numpy_answers(data):
    W, U, b, V, c = (data[name] for name in ARRAYS)
    forward = lambda x: gru_forward(x, W, U, b, reset_after=False).h[:, -1] @ V + c  # noqa: E731
    return answers(forward, data["x"])


def keras_answers(data, form):
    import keras
    import tensorflow as tf

    layers = [keras.layers.GRU(UNITS, reset_after=False), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((28, 28), batch_size=1), *layers])
    model.set_weights([data[name] for name in ARRAYS])
    if form != "TFLite":
        return answers(model if form == "call" else model.predict_on_batch, data["x"])
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    lite = tf.lite.Interpreter(model_content=content, num_threads=1)
    lite.allocate_tensors()
    [read], [write] = lite.get_input_details(), lite.get_output_details()

    def answer(x):
        lite.set_tensor(read["index"], x)
        lite.invoke()
        return lite.get_tensor(write["index"])

    return answers(answer, data["x"])


def onnx_answers(data):
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    gru = convert_weights([data[name] for name in "WUb"], "tensorflowjs", "onnx_reset_before")
    arrays = dict(zip("WRB", gru, strict=True), V=data["V"], c=data["c"], axis=np.array([0]))
    nodes = [
        helper.make_node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]),
        helper.make_node("GRU", ["steps", *"WRB"], ["", "h"], hidden_size=UNITS),
        helper.make_node("Squeeze", ["h", "axis"], ["last"]),
        helper.make_node("Gemm", ["last", "V", "c"], ["logits"]),
    ]
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    value = lambda name: [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)]  # noqa: E731
    graph = helper.make_graph(nodes, "digits", value("x"), value("logits"), tensors)
    opset = [helper.make_opsetid("", 14)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    return answers(lambda x: session.run(None, {"x": x})[0], data["x"])


def javascript(data, way):
    """A way of `ways.mjs`, on its first image."""
    folder = tempfile.TemporaryDirectory()
    for reset, name in [("before", "digits_reset_before"), ("after", "digits")]:
        export_weights(weights := load_weights(name), f"{folder.name}/{reset}.json")
        if reset == "before":
            export_weights(weights, f"{folder.name}/before", layers_model=True)
    command = ["node", "web/programs/ways.mjs", folder.name, "--images", str(len(data["x"]))]
    command += ["--only", f"before, {way}"]

    def run():
        text = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
        [found] = json.loads(text)
        return found

    return run()["scores"], lambda: (folder.name and run())["ms"]


def begin(function, data, settings):
    """Start a way in this process; what it computed."""
    said, milliseconds.once = globals()[function](data, **settings)
    return said


def milliseconds():
    """One piece of the work of the way that this process began."""
    return float(milliseconds.once())
