"""Helpers that the chapters of the GRU book share.

Importing this package is instant: every module is imported by the cell that uses it.
"""

import ctypes
import importlib.util
import os
import subprocess
import sys

__all__ = ["ready"]


def ready():
    """Prepare the running Python for a chapter; call it before TensorFlow is imported.

    Quietens TensorFlow's start-up messages, which would otherwise land in the page, gives it enough
    threads on a single core, has large blocks of memory given back as soon as they are free, and
    installs the helpers' small dependencies where they are missing. TensorFlow, Keras and NumPy are
    never installed or changed: a hosted notebook keeps the versions it came with.

    Raises:
        ModuleNotFoundError: a missing package could not be installed; the message names it.
    """
    # Neither variable silences TensorFlow 2.21 alone.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # On a single core TensorFlow starts one such thread, and a training that waits for the
    # generator of its batches may hold it: both then wait for ever.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "4")
    _return_large_blocks()
    needed = {"pooch": "pooch", "pypi_simple": "pypi-simple", "tqdm": "tqdm"}
    missing = [name for module, name in needed.items() if not importlib.util.find_spec(module)]
    if missing:
        install = [sys.executable, "-m", "pip", "install", "--quiet", *missing]
        if subprocess.run(install, check=False).returncode:
            raise ModuleNotFoundError(
                f"This chapter needs {', '.join(missing)}, which could not be installed; "
                f"check the network, then run: {' '.join(install[2:])}"
            )


def _return_large_blocks(from_bytes=2**22):
    """Have the GNU C library map large blocks one by one, and unmap them when they are freed.

    By default it learns to keep blocks of up to 32 MB in an arena for each thread. TensorFlow has
    dozens of threads and allocates such blocks at every training step: up to 250 MB stay with
    arenas that do not need them. Elsewhere than on Linux with that library this does nothing.

    Source: the manual of mallopt(3), M_MMAP_THRESHOLD.
    """
    m_mmap_threshold = -3
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(m_mmap_threshold, from_bytes)
