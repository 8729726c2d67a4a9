"""Append how long each test took (xdist's controller sees all): for gates only."""
import os
def pytest_runtest_logreport(report):
    if os.environ.get("PYTEST_XDIST_WORKER"): return
    with open(os.environ.get("TIMENOTE", "/tmp/times.txt"), "a") as f:
        f.write(f"{report.duration:.2f} {report.when} {report.nodeid}\n")
