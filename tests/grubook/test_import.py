"""`grubook.ready`: what it changes in the process that a chapter runs in."""

import platform
import subprocess
import sys

import pytest

# A second large block would stay with the library when it is freed, below a small one.
RESIDENT = """
import grubook
import numpy as np

if {ready}:
    grubook.ready()

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
    def given_back(ready):
        code = RESIDENT.format(ready=ready)
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
        assert run.returncode == 0, run.stderr
        return float(run.stdout)

    assert given_back(False) < 5, "otherwise there would be nothing to set"
    assert given_back(True) > 15
