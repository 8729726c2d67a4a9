import os, time
def pytest_runtest_logreport(report):
    if report.failed or getattr(report, "outcome", "") == "rerun":
        with open(os.environ.get("FAILNOTE", "/tmp/failnote.txt"), "a") as f:
            f.write(f"{time.ctime()} {report.outcome} {report.nodeid} {report.when}\n{report.longreprtext[-3000:]}\n----\n")
