"""Helpers that the chapters of the GRU book share.

Importing this package is instant: every module is imported by the cell that uses it.
"""

import importlib.util
import os
import subprocess
import sys

__all__ = ["ready"]


def ready():
    """Prepare the running Python for a chapter; call it before TensorFlow is imported.

    Quietens TensorFlow's start-up messages, which would otherwise land in the page, gives it enough
    threads on a single core, and installs the helpers' small dependencies where they are missing.
    TensorFlow, Keras and NumPy are never installed or changed: a hosted notebook keeps the versions
    it came with.

    Raises:
        ModuleNotFoundError: a missing package could not be installed; the message names it.
    """
    # Neither variable silences TensorFlow 2.21 alone.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # On a single core TensorFlow starts one such thread, and a training that waits for the
    # generator of its batches may hold it: both then wait for ever.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "4")
    needed = {"pooch": "pooch", "pypi_simple": "pypi-simple", "tqdm": "tqdm"}
    missing = [name for module, name in needed.items() if not importlib.util.find_spec(module)]
    if missing:
        install = [sys.executable, "-m", "pip", "install", "--quiet", *missing]
        if subprocess.run(install, check=False).returncode:
            raise ModuleNotFoundError(
                f"This chapter needs {', '.join(missing)}, which could not be installed; "
                f"check the network, then run: {' '.join(install[2:])}"
            )
