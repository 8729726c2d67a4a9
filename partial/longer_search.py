"""longer, but it stops before any test review is read."""
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
import experiments.next_word.longer as m
from experiments.common import command_line
real = m.fit
def fit(how, seed, reviews, val, read):
    if "test" in read: raise SystemExit(f"search ended: {how}")
    return real(how, seed, reviews, val, read)
m.fit = fit
command_line(m.main)
