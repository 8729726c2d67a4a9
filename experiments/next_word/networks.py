"""Other networks in the place of the next-word GRU: an LSTM, minGRUs and a Transformer decoder.

Each is `best.OneMask` with another reader between the embedding and the tied output. And the GRU
with DropConnect: weights of U, not states, are left out of an update (Merity, Keskar and Socher
2018, arXiv:1708.02182).
"""

import keras
import numpy as np
import tensorflow as tf

from experiments.next_word.best import OneMask
from grubook.text import EOS


class Network(OneMask):
    """The GRU, and what the others share: reading whole reviews with the layers themselves."""

    def states(self, reviews):
        """The state before each token, every review read from its beginning.

        Reviews of like length are read side by side. What fills up the shorter ones stands behind
        their end, where no causal network looks.

        Returns:
            float32 array (tokens of all reviews, units), in the reviews' order.
        """
        rows, found = self.settings["batch"] if self.settings["carry"] else 8, {}
        order = sorted(range(len(reviews)), key=lambda i: len(reviews[i]))
        for start in range(0, len(order), rows):
            some = order[start : start + rows]
            words = np.full((rows, len(reviews[some[-1]])), EOS)
            for row, i in zip(words, some, strict=False):
                row[1 : len(reviews[i])] = reviews[i][:-1]
            self.reader.reset_state()
            h = self.reader(self.embedding(words) * self.settings["scale"]).numpy()
            found |= {i: row[: len(reviews[i])] for row, i in zip(h, some, strict=False)}
        return np.concatenate([found[i] for i in range(len(reviews))])

    def arrays(self):
        """What `models.measure` takes beside the states."""
        words = self.embedding.get_weights()[0]
        return {"embedding": words, "output_bias": self.out_bias.numpy()}


class Lstm(Network):
    def new_reader(self, dropout):
        return keras.layers.LSTM(
            self.settings["units"],
            return_sequences=True,
            recurrent_initializer="glorot_uniform",
            stateful=self.settings["carry"],
        )


class DropConnect(Network):
    """Setting ``connect``: the share of U's weights that is left out, drawn anew in each update."""

    def new_reader(self, dropout):
        s = self.settings
        cell = ConnectedCell(s["units"], recurrent_initializer="glorot_uniform")
        return Connected(cell, s["connect"], return_sequences=True, stateful=s["carry"])

    arrays = OneMask.arrays  # the weights are a GRU's


class ConnectedCell(keras.layers.GRUCell):
    """Keras's GRU cell; ``a`` is x W + b of all gates, ``U`` what is left of the weights."""

    def call(self, a, states, training=False):
        [h], u = states, self.units
        q = keras.ops.matmul(h, self.U) + self.bias[1]
        z, r = keras.ops.split(keras.ops.sigmoid(a[:, : 2 * u] + q[:, : 2 * u]), 2, axis=1)
        h = z * h + (1 - z) * keras.ops.tanh(a[:, 2 * u :] + r * q[:, 2 * u :])
        return h, [h]


class Connected(keras.layers.RNN):
    """A GRU layer whose U is the same in all steps of an update, and incomplete in training."""

    def __init__(self, cell, connect, **settings):
        super().__init__(cell, **settings)
        self.drop = keras.layers.Dropout(connect)

    def inner_loop(self, sequences, initial_state, mask, training=False):
        cell = self.cell
        cell.U = self.drop(keras.ops.convert_to_tensor(cell.recurrent_kernel), training=training)
        a = keras.ops.matmul(sequences, cell.kernel) + cell.bias[0]
        return super().inner_loop(a, initial_state, mask, training=training)


class MinGru(Network):
    def new_reader(self, dropout):
        return MinGruStack(self.settings["depth"], self.settings["dropout"][0])


class Transformer(Network):
    def new_reader(self, dropout):
        s = self.settings
        return Decoder(s["depth"], s["heads"], s["hidden"], s["dropout"][0])


def norms(parts):
    """One for each part and one for the end, whose states start as small as a GRU's.

    At full size they would start by expecting each word again: words and outputs are one matrix.
    """
    small = keras.initializers.Constant(0.1)
    end = keras.layers.LayerNormalization(gamma_initializer=small)
    return [*(keras.layers.LayerNormalization() for _ in range(parts)), end]


class MinGruStack(keras.layers.Layer):
    """minGRUs (Feng and others 2024, arXiv:2410.01201), each on top of the sum of those below.

    Gate and candidate look at the input alone, so all timesteps of a window are computed at once.
    The gate z weights the old state, as in the rest of the book.
    """

    def __init__(self, depth, dropout):
        super().__init__()
        self.norms = norms(depth)
        self.drop = keras.layers.SpatialDropout1D(dropout)
        self.depth = depth

    def build(self, shape):
        batch, _, units = shape
        self.gates = [keras.layers.Dense(2 * units) for _ in range(self.depth)]
        self.carried = [
            self.add_weight(shape=(batch, units), initializer="zeros", trainable=False)
            for _ in range(self.depth)
        ]
        for norm in self.norms:
            norm.build(shape)
        for gate in self.gates:
            gate.build(shape)

    def call(self, x, training=None):
        for norm, gate, carried in zip(self.norms, self.gates, self.carried, strict=False):
            z, candidate = tf.split(gate(norm(x)), 2, axis=-1)
            h = scan(tf.sigmoid(z), candidate, tf.convert_to_tensor(carried))
            carried.assign(h[:, -1])
            x = x + self.drop(h, training=training)
        return self.norms[-1](x)

    def reset_state(self):
        for carried in self.carried:
            carried.assign(tf.zeros_like(carried))


def scan(z, candidate, h):
    """h_t = z_t * h_{t-1} + (1 - z_t) * candidate_t for all timesteps, in log2 of them rounds.

    After a round a timestep has gathered what twice as many timesteps before it bring, and z what
    of the state before those is kept.
    """
    gathered = (1 - z) * candidate
    gathered = tf.concat([gathered[:, :1] + z[:, :1] * h[:, None], gathered[:, 1:]], axis=1)
    reach = 1
    while reach < z.shape[1]:
        before = [[0, 0], [reach, 0], [0, 0]]
        gathered = gathered + z * tf.pad(gathered[:, :-reach], before)
        z = z * tf.pad(z[:, :-reach], before)
        reach *= 2
    return gathered


class Decoder(keras.layers.Layer):
    """Blocks of causal attention and a hidden layer, each on top of the sum of those below.

    Positions enter as ALiBi: each head lowers its scores by the distance times a slope of its own
    (Press, Smith and Lewis 2022, arXiv:2108.12409), so texts may be longer than the windows.
    """

    def __init__(self, depth, heads, hidden, dropout):
        super().__init__()
        self.depth, self.heads, self.hidden = depth, heads, hidden
        self.norms = norms(2 * depth)
        self.drop = keras.layers.SpatialDropout1D(dropout)

    def build(self, shape):
        width, Dense = shape[-1], keras.layers.Dense
        self.to_heads = [Dense(3 * width) for _ in range(self.depth)]
        self.from_heads = [Dense(width) for _ in range(self.depth)]
        self.up = [Dense(self.hidden, activation="gelu") for _ in range(self.depth)]
        self.down = [Dense(width) for _ in range(self.depth)]
        for layer in [*self.norms, *self.to_heads, *self.from_heads, *self.up]:
            layer.build(shape)
        for layer in self.down:
            layer.build((*shape[:-1], self.hidden))

    def call(self, x, training=None):
        for i in range(self.depth):
            attended = self.from_heads[i](self.attend(self.to_heads[i](self.norms[2 * i](x))))
            x = x + self.drop(attended, training=training)
            thought = self.down[i](self.up[i](self.norms[2 * i + 1](x)))
            x = x + self.drop(thought, training=training)
        return self.norms[-1](x)

    def attend(self, asked):
        """Of (batch, n, 3 * width), queries, keys and values, make (batch, n, width)."""
        n, width = asked.shape[1], asked.shape[2] // 3
        shape = (-1, n, self.heads, width // self.heads)
        q, k, v = (tf.reshape(part, shape) for part in tf.split(asked, 3, axis=-1))
        scores = tf.einsum("bihc,bjhc->bhij", q, k) / np.sqrt(width / self.heads)
        distance = np.arange(n)[:, None] - np.arange(n)
        slope = 2.0 ** (-8 * np.arange(1, self.heads + 1) / self.heads)
        nearer = np.where(distance < 0, -1e9, -distance * slope[:, None, None])
        weights = tf.nn.softmax(scores + nearer.astype("float32"))
        return tf.reshape(tf.einsum("bhij,bjhc->bihc", weights, v), (-1, n, width))

    def reset_state(self):
        """There is none: the window is all that it knows."""
