/* Article 096, corrected: a GRU that guesses the next word of a review. The same code runs in Node.js
   and in the browser; what differs, where the reviews come from, is in next_word_node.mjs and
   pages/next_word.js. */

import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import nlp from "compromise/one";
import "../gru/gather_gradient.js";
import { kneserNey, perplexityOf } from "../gru/ngrams.js";
import { makeModel } from "../gru/word_model.js";
import { buildVocabulary, encode, END, makeWindows, PAD, withoutMarkup, wordsOf } from "../gru/words.js";
import { OPTIONS } from "./options.js";
import { breathe, checkWeights, dispose, inBatches, upTo } from "./training.js";

const TIMESTEPS = 20;
const BATCH = 16; // a batch is the longest time that a page waits
const PATIENCE = 2; // epochs without a lower perplexity before the training stops

/** Train a new network on reviews, and judge it by the last tenth, which it never trains on.
    settings: { reviews, words, epochs }; hooks: say(line), show(share, text), signal.
    Returns the best epoch's network as a model of word_model.js. Throws a sentence where there are
    too few reviews, or the training fails; nothing is left behind. */
export async function trainWordModel(all, settings, { say, show, signal }) {
  const reviews = all.slice(0, settings.reviews);
  const { words, training, held } = await prepare(reviews, settings.words, show);
  const size = words.length;
  const [unigram, bigram] = [1, 2].map((order) => perplexityOf(kneserNey(training, order, size), held));
  await breathe();
  const beside = `(unigram ${unigram.toFixed(1)}, bigram ${bigram.toFixed(1)})`;
  const model = buildModel(size, training);
  say(`${reviews.length} reviews: ${training.length} sentences to train on, ${held.length} held back`);
  say(`${size} words, ${model.countParams()} weights, backend ${tf.getBackend()}`);
  const [windows, unseen] = [training, held].map((part) => makeWindows(part, TIMESTEPS));
  await breathe();
  let best = { perplexity: Infinity };
  let [seconds, seen] = [0, 0];
  try {
    for (let epoch = 1; epoch <= settings.epochs && !signal?.aborted; epoch++) {
      const progress = (share) => show?.(share, `epoch ${epoch} of ${settings.epochs}`);
      const trained = await trainEpoch(model, windows, { show: progress, signal });
      await checkWeights(model);
      const now = await perplexity(model, unseen);
      say(`epoch ${epoch}: perplexity ${now.toFixed(1)} on held-out reviews ${beside}, ${trained.perplexity.toFixed(1)} in training`);
      seconds += trained.seconds;
      seen += trained.seen;
      if (now < best.perplexity) best = { epoch, perplexity: now, model: wordModelOf(model, words) };
      if (epoch - best.epoch === PATIENCE) {
        say(`no lower for ${PATIENCE} epochs: the training stops early`);
        break;
      }
    }
  } finally {
    dispose(model);
  }
  if (!best.model) throw new Error("stopped before anything was learned");
  say(`${Math.round(seen / seconds)} windows of ${TIMESTEPS} words a second`);
  const verdict = best.perplexity < bigram ? "the network beats the bigram" : "the bigram is better: more reviews or epochs may help";
  say(`kept: epoch ${best.epoch}, perplexity ${best.perplexity.toFixed(1)}; ${verdict}`);
  return best.model;
}

/** Turn reviews into a vocabulary and encoded sentences; whole reviews, the last tenth, are held
    back. Returns { words, training, held }. */
export async function prepare(reviews, size, show) {
  const { least } = OPTIONS.next_word.reviews;
  if (reviews.length < least) {
    throw new Error(`there must be at least ${least} reviews with text, and there are ${reviews.length}`);
  }
  const sentences = [];
  const cut = (ids) => sentences.push(...ids.map((i) => sentencesOf(reviews[i]).map(wordsOf).filter((found) => found.length)));
  await inBatches(upTo(reviews.length), 8, cut, { show: (share) => show?.(share, "cutting reviews into words") });
  const held = Math.ceil(reviews.length / 10);
  const vocabulary = buildVocabulary(sentences.slice(0, -held).flat(), size);
  const [training, unseen] = [sentences.slice(0, -held), sentences.slice(-held)].map((part) =>
    part.flat().map((found) => [...encode(found, vocabulary), END]),
  );
  if (!training.length || !unseen.length) throw new Error("there are no words in these reviews");
  return { words: vocabulary.words, training, held: unseen };
}

/** Split a review into sentences. */
export function sentencesOf(review) {
  return nlp(withoutMarkup(review)).json().map((sentence) => sentence.text);
}

/** Build the article's model for a vocabulary of `size` words, with a dropout before and after the
    unit. training: the encoded sentences, whose words' frequencies the output starts from. */
export function buildModel(size, training) {
  const { embedding, dropout, gru, dense } = layers.layers;
  const kernelInitializer = "glorotUniform";
  // The default start, between -0.05 and 0.05, is so small that little of a word gets through.
  const embeddingsInitializer = layers.initializers.randomUniform({ minval: -0.5, maxval: 0.5 });
  const model = layers.sequential({
    layers: [
      embedding({ inputDim: size, outputDim: 64, maskZero: true, embeddingsInitializer }),
      dropout({ rate: 0.25 }),
      gru({
        units: 64,
        returnSequences: true,
        recurrentActivation: "sigmoid",
        kernelInitializer,
        recurrentInitializer: "glorotUniform",
      }),
      dropout({ rate: 0.25 }),
      dense({ units: size, activation: "softmax", kernelInitializer }),
    ],
  });
  startFromFrequencies(model.layers.at(-1), training, size);
  model.compile({ optimizer: tf.train.adam(0.008), loss: "categoricalCrossentropy" });
  return model;
}

/* Without this the network spends its first epochs on learning which words are frequent. */
function startFromFrequencies(dense, training, size) {
  const counts = new Float32Array(size).fill(1);
  for (const ids of training) for (const id of ids) counts[id] += 1;
  const bias = tf.tidy(() => tf.log(tf.tensor1d(counts)));
  dense.setWeights([dense.getWeights()[0], bias]);
  bias.dispose();
}

/** One row a step with a 1 at the next word, and a row of zeros where there is none: the layers
    pass the mask on, but the loss does not know it, and would count the padding as words to learn. */
export function oneHotTargets(targets, size) {
  return tf.tidy(() => {
    const ids = tf.tensor2d(targets, undefined, "int32");
    const real = tf.cast(tf.notEqual(ids, tf.scalar(PAD, "int32")), "float32");
    return tf.mul(tf.oneHot(ids, size), tf.expandDims(real, 2));
  });
}

/** One pass over the windows, in a new order. gather_gradient.js makes it possible on WASM.
    Returns { perplexity, seconds, seen }, the perplexity of each batch before it was learned. */
export async function trainEpoch(model, { inputs, targets }, hooks) {
  const size = model.outputs[0].shape[2];
  let [loss, words] = [0, 0];
  const order = [...tf.util.createShuffledIndices(inputs.length)];
  const { seconds, seen } = await inBatches(order, BATCH, async (ids) => {
    const y = ids.map((i) => targets[i]);
    const [xs, ys] = [tf.tensor2d(ids.map((i) => inputs[i])), oneHotTargets(y, size)];
    const mean = await model.trainOnBatch(xs, ys); // over all steps, of which padding has no loss
    tf.dispose([xs, ys]);
    loss += mean * y.flat().length;
    words += countReal(y);
  }, hooks);
  return { perplexity: Math.exp(loss / words), seconds, seen };
}

/** The perplexity over all real targets: as unsure as among so many equally likely words. */
export async function perplexity(model, { inputs, targets }) {
  const size = model.outputs[0].shape[2];
  let loss = 0;
  await inBatches(upTo(inputs.length), BATCH, async (ids) => {
    const sum = tf.tidy(() => {
      const p = model.predictOnBatch(tf.tensor2d(ids.map((i) => inputs[i])));
      const y = oneHotTargets(ids.map((i) => targets[i]), size);
      return tf.sum(tf.mul(y, tf.log(tf.maximum(p, 1e-7))));
    });
    loss -= (await sum.data())[0];
    sum.dispose();
  });
  return Math.exp(loss / countReal(targets));
}

/** The trained network in plain JavaScript, which answers with suggestions (word_model.js). */
export function wordModelOf(model, words) {
  const names = ["embedding", "gru_kernel", "gru_recurrent_kernel", "gru_bias", "dense_kernel", "dense_bias"];
  const arrays = model.getWeights().map((array) => ({ shape: array.shape, values: array.dataSync().slice() }));
  return makeModel(words, Object.fromEntries(names.map((name, i) => [name, arrays[i]])));
}

/** What a network suggests after a text, as one line. */
export function answerLine(model, text) {
  const found = model.guess(text).map(({ word, p }) => `${word} ${(100 * p).toFixed(1)} %`);
  return `${text} ... ${found.join(", ")}`;
}

function countReal(targets) {
  return targets.flat().filter((id) => id !== PAD).length;
}
