"""What `import grubook` changes in the process that a chapter runs in."""

import json
import os
import platform
import subprocess
import sys

import pytest

VARIABLES = {
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_NUM_INTEROP_THREADS": "4",
}


def printed(code, **environment):
    bare = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", env=bare | environment)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def test_tensorflow_is_quiet_and_has_threads_unless_the_reader_chose_otherwise():
    code = (
        f"import json, os, grubook; print(json.dumps({{k: os.environ[k] for k in {[*VARIABLES]}}}))"
    )
    assert json.loads(printed(code)) == VARIABLES
    assert json.loads(printed(code, TF_NUM_INTEROP_THREADS="7"))["TF_NUM_INTEROP_THREADS"] == "7"


@pytest.mark.parametrize(
    "module", ["reference", "text", "ngrams", "images", "data", "data.reviews"]
)
def test_no_import_of_the_package_loads_a_large_library(module):
    large = ["tensorflow", "keras", "pandas", "pyarrow", "requests", "matplotlib"]
    assert (
        printed(f"import sys, grubook.{module}; print(sys.modules.keys() & {large})") == "set()\n"
    )


# A second large block would stay with the library when it is freed, below a small one.
RESIDENT = """
{first}
import numpy as np

def resident_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

first = np.ones(20 * 2**17)
del first
second, small = np.ones(20 * 2**17), [np.ones(1000) for _ in range(100)]
before = resident_mb()
del second
print(before - resident_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the setting is glibc's")
def test_a_large_block_goes_back_when_it_is_freed():
    assert float(printed(RESIDENT.format(first=""))) < 5, "otherwise there is nothing to set"
    assert float(printed(RESIDENT.format(first="import grubook"))) > 15
