"""Helpers that the chapters of the GRU book share.

Importing this package is instant, and prepares Python for TensorFlow, which is imported after it:
its start-up messages are silenced, which would otherwise land in the page, it gets enough threads
on a single core, and large blocks of memory are given back as soon as they are free.
"""

import ctypes
import os
import sys

# Neither of the first two variables silences TensorFlow 2.21 alone.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# On a single core TensorFlow starts one such thread, and a training that waits for the
# generator of its batches may hold it: both then wait for ever.
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "4")


def _return_large_blocks(from_bytes=2**22):
    """Have the GNU C library map large blocks one by one, and unmap them when they are freed.

    By default it learns to keep blocks of up to 32 MB in an arena for each thread. TensorFlow has
    dozens of threads and allocates such blocks at every training step: up to 250 MB stay with
    arenas that do not need them. Elsewhere than on Linux with that library this does nothing.

    Source: the manual of mallopt(3), M_MMAP_THRESHOLD.
    """
    m_mmap_threshold = -3
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(m_mmap_threshold, from_bytes)


_return_large_blocks()
