"""The next-word networks of these experiments: building, training and measuring them.

Two things are made differently from a chapter's
`compile` and `fit`, for speed alone.

- The loss holds the logits of a few dozen tokens at a time instead of those of a whole batch
  (1,280 x 10,000 numbers), which then stay in the processor's cache. Mathematically it is
  `SparseCategoricalCrossentropy(from_logits=True)`, which is itself one-hot labels and softmax.
- Where the settings say so, the sum over the 10,000 words is estimated: the most frequent words are
  all in it, the others are represented by a fresh random sample, each for as many as it stands for
  (complementary sum sampling: Botev, Zheng and Barber 2017,
  https://proceedings.mlr.press/v54/botev17a.html). Only training estimates; measuring is exact.

Measuring needs no TensorFlow: every review is read from its own beginning, without padding.
"""

import keras
import numpy as np
import tensorflow as tf

from experiments.common import brief, say, warm_up_and_cosine
from grubook.text import EOS

VOCABULARY = 10_000
CHUNK = 128  # tokens whose logits are in memory at once


def exact_loss(h, y, kernel, bias):
    """Mean cross-entropy of tokens y (n,) after hidden states h (n, width)."""

    @tf.custom_gradient
    def loss(h, kernel, bias):
        n, width = h.shape
        pieces = n // CHUNK
        hs, ys = tf.reshape(h, (pieces, CHUNK, width)), tf.reshape(y, (pieces, CHUNK))

        def one_piece(i, total, dh, d_kernel, d_bias):
            z = tf.matmul(hs[i], kernel) + bias
            target = tf.one_hot(ys[i], kernel.shape[1])
            highest = tf.reduce_max(z, axis=1, keepdims=True)
            e = tf.exp(z - highest)
            s = tf.reduce_sum(e, axis=1, keepdims=True)
            total += tf.reduce_sum(tf.math.log(s) + highest) - tf.reduce_sum(target * z)
            dz = e / s - target
            dh_i = tf.matmul(dz, kernel, transpose_b=True)
            return (
                i + 1,
                total,
                tf.tensor_scatter_nd_update(dh, [[i]], dh_i[None]),
                d_kernel + tf.matmul(hs[i], dz, transpose_a=True),
                d_bias + tf.reduce_sum(dz, axis=0),
            )

        start = (0, 0.0, tf.zeros_like(hs), tf.zeros_like(kernel), tf.zeros_like(bias))
        _, total, *d = tf.while_loop(lambda i, *_: i < pieces, one_piece, start)

        def gradient(upstream):
            scale = upstream / n
            return scale * tf.reshape(d[0], (n, width)), scale * d[1], scale * d[2]

        return total / n, gradient

    return loss(h, kernel, bias)


def sampled_loss(h, y, words, bias, head, sample):
    """The same, its sum over the words estimated; words (VOCABULARY, width) are rows here."""
    tail = tf.random.uniform((sample,), head, VOCABULARY, tf.int32)
    stands_for = np.log((VOCABULARY - head) / sample).astype("float32")
    true = tf.reduce_sum(h * tf.gather(words, y), axis=1) + tf.gather(bias, y)
    z_head = tf.matmul(h, words[:head], transpose_b=True) + bias[:head]
    z_tail = tf.matmul(h, tf.gather(words, tail), transpose_b=True) + tf.gather(bias, tail)
    z_tail = tf.where(tail[None] == y[:, None], -1e9, z_tail + stands_for)
    beyond = tf.where(y < head, -1e9, true)  # the target itself, where the head does not hold it
    z = tf.concat([z_head, z_tail, beyond[:, None]], axis=1)
    return tf.reduce_mean(tf.reduce_logsumexp(z, axis=1) - true)


class NextWord(keras.Model):
    """Embedding, GRU, and Dense or, tied, the embedding again as the output's weights.

    Settings (a dict): ``width`` of the embedding, ``units`` (as many where it is tied), ``start``
    (standard deviation of the embedding; None: Keras's default, uniform within 0.05), ``tied``,
    ``scale`` (the embedding's rows times this enter the GRU), ``dropout`` of (embedding, recurrent
    state, output), ``carry`` (the state is handed on from one window of the stream to the next),
    ``batch``, ``window``, ``head`` and ``sample`` (both 0: the exact loss).
    """

    def __init__(self, settings, unigram=None):
        super().__init__()
        s = self.settings = settings
        start = s["start"] and keras.initializers.RandomNormal(stddev=s["start"])
        self.embedding = keras.layers.Embedding(
            VOCABULARY, s["width"], embeddings_initializer=start or "uniform"
        )
        before, within, after = s["dropout"]
        self.reader = self.new_reader(within)
        words = keras.Input((s["window"],), s["batch"], dtype="int32")
        x = self.embedding(words) * s["scale"]
        x = keras.layers.SpatialDropout1D(before)(x)
        self.body = keras.Model(words, keras.layers.Dropout(after)(self.reader(x)))
        if s["tied"]:
            self.out_bias = self.add_weight(shape=(VOCABULARY,), initializer="zeros", name="bias")
        else:
            self.out = keras.layers.Dense(VOCABULARY)
            self.out.build((None, s["units"]))
            self.out_bias = self.out.bias
        if unigram is not None:
            self.out_bias.assign(np.log(unigram))

    def new_reader(self, dropout):
        """What makes of the embedded words (batch, window, width) states (batch, window, units)."""
        return keras.layers.GRU(
            self.settings["units"],
            return_sequences=True,
            recurrent_initializer="glorot_uniform",
            recurrent_dropout=dropout,
            stateful=self.settings["carry"],
        )

    def call(self, x, training=None):
        return self.body(x, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        s = self.settings
        h, y, bias = tf.reshape(y_pred, (-1, y_pred.shape[-1])), tf.reshape(y, (-1,)), self.out_bias
        words = self.embedding.embeddings if s["tied"] else self.out.kernel
        words, bias = tf.convert_to_tensor(words), tf.convert_to_tensor(bias)
        if s["sample"]:
            rows = words if s["tied"] else tf.transpose(words)
            return sampled_loss(h, y, rows, bias, s["head"], s["sample"])
        return exact_loss(h, y, tf.transpose(words) if s["tied"] else words, bias)

    def arrays(self):
        """The weights as NumPy arrays, by name: what `states` and `measure` take."""
        names = ["gru_kernel", "gru_recurrent_kernel", "gru_bias"]
        found = dict(zip(names, self.reader.get_weights(), strict=True))
        found["embedding"] = self.embedding.get_weights()[0]
        found["output_bias"] = self.out_bias.numpy()
        found["scale"] = np.float32(self.settings["scale"])
        if not self.settings["tied"]:
            found["output_kernel"] = self.out.kernel.numpy()
        return found


def unigram(reviews):
    """Relative frequency of each word in the training reviews, one added to each count."""
    count = np.bincount(np.concatenate(reviews), minlength=VOCABULARY) + 1.0
    return (count / count.sum()).astype("float32")


def stream(reviews, rng, batch, window, carry):
    """One epoch of windows (x, y), each (updates * batch, window), in the order of the updates.

    The shuffled reviews follow one another, `EOS` between them, so that no step is padding. With
    ``carry``, row r of an update goes on where row r of the update before stopped.
    """
    order = rng.permutation(len(reviews))
    tokens = np.concatenate([[EOS], *(reviews[i] for i in order)]).astype("int32")
    updates = (len(tokens) - 1) // (batch * window)
    n = updates * batch * window
    x, y = tokens[:n], tokens[1 : n + 1]
    if carry:
        x, y = (a.reshape(batch, updates, window).swapaxes(0, 1) for a in (x, y))
    else:
        place = rng.permutation(updates * batch)
        x, y = (a.reshape(-1, window)[place] for a in (x, y))
    return x.reshape(-1, window), y.reshape(-1, window)


def compile_with(model, rate, updates=None, clip=None, execute=50):
    """Adam at a constant rate, or (``updates``) warming up over 5 % of them, then along a cosine.

    ``execute``: updates in one call of the compiled function.
    """
    if updates:
        rate = warm_up_and_cosine(rate, updates)
    optimizer = keras.optimizers.Adam(rate, global_clipnorm=clip)
    model.compile(optimizer, jit_compile=brief(True, False), steps_per_execution=execute)


def train_epoch(model, x, y):
    """Train on windows in their order; return the mean training loss."""
    batch = model.settings["batch"]
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch, drop_remainder=True)
    return float(model.fit(data, epochs=1, verbose=0, shuffle=False).history["loss"][-1])


def train(settings, recipe, seed, reviews, val, network=NextWord):
    """Train one network from the unigram on: its output bias starts at the words' log frequencies.

    Args:
        settings: as in `NextWord`, with ``carry``.
        recipe: dict of ``rate`` (the peak), ``epochs`` and ``clip``.
        seed: of the start, the streams and the dropout.
        reviews, val: encoded reviews; val is read after each epoch.
        network: `NextWord` or a class like it.

    Returns:
        tuple: the weights (dict of arrays), the training loss of each epoch, and val's perplexity
        as a list of (epoch, perplexity).
    """
    keras.utils.set_random_seed(seed)
    model = network(settings, unigram(reviews))
    batch, window = settings["batch"], settings["window"]
    epochs = brief(recipe["epochs"], 1)
    updates = sum(map(len, reviews)) // (batch * window) * epochs
    compile_with(model, recipe["rate"], updates, recipe["clip"])
    rng, losses, curve = np.random.default_rng(seed), [], []
    for epoch in range(1, epochs + 1):
        model.reader.reset_state()
        losses.append(train_epoch(model, *stream(reviews, rng, batch, window, settings["carry"])))
        curve.append((epoch, perplexity(model.arrays(), val)))
        say("seed", seed, "epoch", epoch, "loss", round(losses[-1], 4), "val", curve[-1][1])
    return model.arrays(), losses, curve


def count(weights):
    """How many trained numbers there are."""
    return sum(array.size for name, array in weights.items() if name != "scale")


def _sigmoid(x):
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def states(weights, reviews):
    """The hidden state before each token, every review read from its beginning.

    The reviews are read side by side, the longest first; the finished ones drop out.

    Returns:
        float32 array (tokens of all reviews, units), in the reviews' order.
    """
    units = len(weights["gru_recurrent_kernel"])
    lengths = np.array([len(review) for review in reviews])
    by_length = np.argsort(-lengths, kind="stable")
    starts = np.cumsum(lengths) - lengths
    table = weights["embedding"] * weights["scale"] @ weights["gru_kernel"] + weights["gru_bias"][0]
    h = np.zeros((len(reviews), units), "float32")
    found = np.zeros((lengths.sum(), units), "float32")
    words = np.full(len(reviews), EOS)
    for t in range(lengths.max()):
        going = by_length[: np.searchsorted(-lengths[by_length], -t)]
        h = h[: len(going)]
        read = table[words[: len(going)]]
        again = h @ weights["gru_recurrent_kernel"] + weights["gru_bias"][1]
        z, r = np.split(_sigmoid(read[:, : 2 * units] + again[:, : 2 * units]), 2, axis=1)
        candidate = np.tanh(read[:, 2 * units :] + r * again[:, 2 * units :])
        h = z * h + (1 - z) * candidate
        found[starts[going] + t] = h
        words = np.array([reviews[i][t] for i in going])
    return found


def measure(weights, reviews, h=None):
    """Log probability of each token (float64, natural) and its rank (0: the likeliest word).

    ``h``: the states before the tokens, where another network than the GRU has read them.
    """
    h, y = states(weights, reviews) if h is None else h, np.concatenate(reviews)
    tied = "output_kernel" not in weights
    kernel = weights["embedding"].T if tied else weights["output_kernel"]
    log_p, rank = np.empty(len(y)), np.empty(len(y), int)
    for i in range(0, len(y), CHUNK):
        z = h[i : i + CHUNK] @ kernel + weights["output_bias"]
        true = z[np.arange(len(z)), y[i : i + CHUNK]]
        rank[i : i + CHUNK] = (z > true[:, None]).sum(1)
        highest = z.max(1)
        total = np.exp(z - highest[:, None]).sum(1, dtype="float64")
        log_p[i : i + CHUNK] = true - highest - np.log(total)
    return log_p, rank


def perplexity(weights, reviews):
    return float(np.exp(-measure(weights, reviews)[0].mean()))


def figures(weights, reviews, prefix):
    """Perplexity, top-1 and top-5 accuracy over all tokens, end tokens counted."""
    return summary(*measure(weights, reviews), prefix)


def summary(log_p, rank, prefix):
    """The same, of what `measure` returns."""
    return {
        f"{prefix}_perplexity": float(np.exp(-log_p.mean())),
        f"{prefix}_top1": float((rank < 1).mean()),
        f"{prefix}_top5": float((rank < 5).mean()),
    }
