"""compare for some networks only: cmp_part.py GRU,LSTM"""
import sys, tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
import experiments.next_word.compare as m
from experiments.common import command_line
only = sys.argv.pop(1).split(",")
real = m.brief
m.brief = lambda full, smoke: only if full == [*m.NETWORKS] else real(full, smoke)
command_line(m.main)
