"""Networks that read a date and write it as ISO 8601: with attention of two kinds, and without."""

import keras
import numpy as np
import tensorflow as tf

from experiments.common import brief, say, warm_up_and_cosine
from grubook.dates import END, START, STEPS, decode_answers, encode_answers

NETWORK = {"embedding": 32, "answer_embedding": 16, "units": 96, "attention": 64}
RECIPE = {"batch": 128, "rate": 4e-3, "clip": 1.0}


class DateReader(keras.Model):
    """A GRU reads the text, its last state starts a second GRU that writes the answer.

    Args:
        kind: "none"; "additive" (Bahdanau et al. 2015, arXiv:1409.0473: the state before a step
            asks, and what it is shown enters the GRU); or "multiplicative" (Luong et al. 2015,
            arXiv:1508.04025: the state after a step asks, and the output sees what it is shown;
            without the paper's input feeding and tanh layer).
        symbols: of the texts.
    """

    def __init__(self, kind, symbols):
        super().__init__()
        self.kind = kind
        self.embedding = keras.layers.Embedding(symbols, NETWORK["embedding"])
        self.encoder = keras.layers.GRU(NETWORK["units"], return_sequences=True, return_state=True)
        self.decoder_embedding = keras.layers.Embedding(START + 1, NETWORK["answer_embedding"])
        self.decoder = keras.layers.GRUCell(NETWORK["units"])
        self.output_layer = keras.layers.Dense(END + 1)
        if kind != "none":
            self.query = keras.layers.Dense(NETWORK["attention"], use_bias=False)
            self.key = keras.layers.Dense(NETWORK["attention"])
        if kind == "additive":
            self.score = keras.layers.Dense(1, use_bias=False)

    def look(self, s, h, keys, hidden):
        """What the attention shows of the states h to a decoder in state s."""
        if self.kind == "additive":
            e = self.score(tf.tanh(self.query(s)[:, None] + keys))[:, :, 0]
        else:
            e = tf.einsum("ba,bta->bt", self.query(s), keys)
        return tf.einsum("bt,btu->bu", tf.nn.softmax(e + hidden), h)

    def run(self, x, symbol_at):
        """Logits (batch, STEPS, 13); ``symbol_at(t, logits)`` gives each step's input."""
        mask = tf.not_equal(x, 0)
        h, s = self.encoder(self.embedding(x), mask=mask)
        keys = None if self.kind == "none" else self.key(h)
        hidden, logits = tf.where(mask, 0.0, -1e9), []
        for t in range(STEPS):
            inputs = self.decoder_embedding(symbol_at(t, logits))
            if self.kind == "additive":
                inputs = tf.concat([inputs, self.look(s, h, keys, hidden)], axis=1)
            s, _ = self.decoder(inputs, [s])
            outputs = s
            if self.kind == "multiplicative":
                outputs = tf.concat([s, self.look(s, h, keys, hidden)], axis=1)
            logits.append(self.output_layer(outputs))
        return tf.stack(logits, axis=1)

    def call(self, inputs):
        """Teacher forcing: each step's input is the true symbol before it."""
        x, before = inputs
        return self.run(x, lambda t, logits: before[:, t])

    @tf.function(jit_compile=True)
    def greedy(self, x):
        """Symbols (batch, STEPS): each step's input is the likeliest symbol of the step before."""
        start = tf.fill([x.shape[0]], START)
        logits = self.run(x, lambda t, found: tf.argmax(found[-1], 1, tf.int32) if found else start)
        return tf.argmax(logits, 2, tf.int32)

    def read(self, x, batch=1200):
        """The answers to encoded texts, as texts; as many at a time as ``batch``, or all."""
        batch = min(batch, len(x))
        rows = np.concatenate([x, x[: -len(x) % batch]])  # whole batches: compiled once
        found = [self.greedy(tf.constant(part)) for part in np.split(rows, len(rows) // batch)]
        return decode_answers(np.concatenate(found)[: len(x)])

    def arrays(self):
        """The weights as NumPy arrays, by name: gru_... the encoder's, dense_... the output's."""
        names = ["kernel", "recurrent_kernel", "bias"]
        found = {"embedding": self.embedding.get_weights()[0]}
        found |= {f"gru_{n}": w for n, w in zip(names, self.encoder.get_weights(), strict=True)}
        found["decoder_embedding"] = self.decoder_embedding.get_weights()[0]
        found |= {f"decoder_{n}": w for n, w in zip(names, self.decoder.get_weights(), strict=True)}
        found["dense_kernel"], found["dense_bias"] = self.output_layer.get_weights()
        if self.kind == "additive":
            (found["query_kernel"],) = self.query.get_weights()
            found["key_kernel"], found["key_bias"] = self.key.get_weights()
            found["score"] = self.score.get_weights()[0][:, 0]
        return found


def masked_loss(y, logits):
    """Mean cross-entropy over the symbols that an answer has; zeros in y are padding."""
    y = tf.cast(y, tf.int32)
    there = tf.cast(y > 0, tf.float32)
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
    return tf.reduce_sum(there * each) / tf.reduce_sum(there)


def before(y):
    """The decoder's inputs under teacher forcing: START, then the answer without its last."""
    return np.concatenate([np.full((len(y), 1), START, np.int32), y[:, :-1]], axis=1)


def train(writer, kind, updates, seed):
    """A network after so many updates, each of fresh examples of the training days."""
    updates = brief(updates, 20)
    keras.utils.set_random_seed(seed)
    model = DateReader(kind, writer.symbols)
    rate = warm_up_and_cosine(RECIPE["rate"], updates)
    optimizer = keras.optimizers.Adam(rate, clipnorm=RECIPE["clip"])
    model.compile(optimizer, masked_loss, jit_compile=True)
    texts, answers, languages, _ = writer.draw(updates * RECIPE["batch"], 1000 + seed)
    x, y = writer.encode(texts, languages), encode_answers(answers)
    for part in np.array_split(np.arange(len(x)), brief(5, 1)):
        part = part[: len(part) // RECIPE["batch"] * RECIPE["batch"]]
        data = (x[part], before(y[part])), y[part]
        fit = model.fit(*data, batch_size=RECIPE["batch"], shuffle=False, verbose=0)
        say(kind, seed, fit.history["loss"])
    return model
