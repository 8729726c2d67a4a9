"""Run the unit tests where a reader's machine may differ from ours: `make test-elsewhere`.

    python tools/elsewhere.py [NAME ...]       all conditions, or some by name

Each condition is a run of its own: one thread, other locales and time zones, a folder with a space
in its name, a clone that cannot be written to, no home. Before the tests, the run asserts that the
condition holds. A condition that this machine cannot make is left out with a sentence.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]

#: Set the locale as a program of the reader may, and see that the condition holds.
START = """
import locale, os, pathlib, sys, time
locale.setlocale(locale.LC_ALL, "")
assert {holds}, "the condition does not hold"
"""
PYTEST = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
LEFT_OUT = ("--ignore=tests/browser", "--ignore=tests/test_elsewhere.py")  # that one: these again
TESTS = ("-q", "-p", "no:cacheprovider", *LEFT_OUT, "tests")
SUMMARY = re.compile(r"^.*(?:passed|failed|error).* in .*$", re.MULTILINE)

#: Where programs look before they ask for the home folder.
INSTEAD_OF_HOME = (
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"),
    *("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "KERAS_HOME", "MPLCONFIGDIR"),
)
NO_HOME = dict.fromkeys(INSTEAD_OF_HOME)

#: A root without these capabilities meets a file's permissions as anybody does.
AS_ANYBODY = ("setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search")
#: A user whom the system has no name for; it may read an environment that belongs to root.
NAMELESS = (
    *("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)


class CannotBeMade(Exception):
    """This machine cannot make the condition; the message says why."""


@dataclasses.dataclass
class Condition:
    """What differs: variables (None: unset), the folder (empty: here), the program that starts."""

    says: str
    holds: str
    variables: dict = dataclasses.field(default_factory=dict)
    folder: str = ""
    read_only: bool = False
    prefix: tuple = ()


def elsewhere(language, zone, holds):
    variables = {"LC_ALL": language, "LANG": language, "TZ": zone, "PYTHONUTF8": "0"}
    says = f"locale {language}, time zone {zone}"
    return Condition(says, holds, variables | {"PYTHONCOERCECLOCALE": "0"})


CONDITIONS = {
    "one-thread": Condition(
        "one thread on one core",
        "len(os.sched_getaffinity(0)) == 1",
        dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"),
    ),
    "turkish": elsewhere(
        "tr_TR.UTF-8",
        "Asia/Kathmandu",
        "locale.localeconv()['decimal_point'] == ',' and time.timezone == -20700",
    ),
    "chinese": elsewhere(
        "zh_CN.UTF-8",
        "Pacific/Chatham",
        "locale.nl_langinfo(locale.DAY_1) == '星期日' and time.timezone == -45900",
    ),
    "ascii": elsewhere(
        "C",
        "UTC",
        "not sys.flags.utf8_mode and locale.getencoding() == 'ANSI_X3.4-1968'",
    ),
    "spaces": Condition(
        "a folder with spaces and a letter that is not ASCII",
        "pathlib.Path().absolute().name == 'Das Büchlein (2)'",
        folder="Das Büchlein (2)",
    ),
    "read-only": Condition(
        "a clone that cannot be written to",
        "not os.access('tests', os.W_OK) and not os.access('README.md', os.W_OK)",
        folder="clone",
        read_only=True,
    ),
    "no-home": Condition(
        "a home folder that cannot be made",
        "not os.path.exists(os.path.expanduser('~'))",
        NO_HOME | {"HOME": str(ROOT / "README.md" / "home")},
    ),
    "nobody": Condition(
        "a user without a name and without a home",
        "os.path.expanduser('~') == '~'",
        NO_HOME | dict.fromkeys(("HOME", "USER", "LOGNAME", "USERNAME")),
        prefix=NAMELESS,
    ),
}


def make_locale(name, folder):
    """Make sure that the system has a locale; one that it lacks is generated into the folder."""
    program = "import locale, sys; locale.setlocale(locale.LC_ALL, sys.argv[1])"
    known = subprocess.run([sys.executable, "-c", program, name], capture_output=True)
    if not known.returncode:
        return {}
    if not shutil.which("localedef"):
        raise CannotBeMade(f"the locale {name} is not installed, and localedef is missing")
    language, _, charset = name.partition(".")
    command = ["localedef", "-i", language, "-f", charset, folder / name]
    made = subprocess.run(command, capture_output=True, encoding="utf-8")
    if made.returncode:
        raise CannotBeMade(f"localedef could not make {name}: {made.stderr.strip()}")
    return {"LOCPATH": str(folder)}


def copy_of_the_book(target):
    """Copy what belongs to the repository; data and web packages are linked, not copied."""
    left_out = (".venv", "_build", "node_modules", "cache", "__pycache__", ".*_cache", "*.lock")
    shutil.copytree(ROOT, target, symlinks=True, ignore=shutil.ignore_patterns(*left_out))
    for name in ("data/cache", "web/node_modules"):
        (target / name).symlink_to(ROOT / name)
    return target


def writable(folder, yes):
    """Allow or forbid writing to a folder and to all in it; where links lead nothing changes."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IWUSR if yes else mode & ~0o222)


def run(condition, scratch, program=PYTEST, arguments=TESTS):
    """Run a program, the unit tests, under a condition; return its exit status and its output.

    Raises:
        CannotBeMade: this machine cannot make the condition.
    """
    prefix, environment = list(condition.prefix), dict(os.environ)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if condition.read_only and root:
        prefix = list(AS_ANYBODY)  # root writes everywhere
    if prefix:
        if not root:
            raise CannotBeMade("only root can start a program as such a user")
        if not shutil.which(prefix[0]):
            raise CannotBeMade(f"{prefix[0]} is missing (on Debian or Ubuntu: util-linux)")
    if "OMP_NUM_THREADS" in condition.variables:
        if not hasattr(os, "sched_setaffinity"):
            raise CannotBeMade("this system cannot hold a program on one core")
        core = min(os.sched_getaffinity(0))
        start = {"preexec_fn": lambda: os.sched_setaffinity(0, {core})}
    else:
        start = {}
    for name, value in condition.variables.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    if condition.variables.get("LC_ALL", "C") != "C":
        environment |= make_locale(condition.variables["LC_ALL"], scratch)
    folder = ROOT
    if condition.folder:
        folder = copy_of_the_book(scratch / condition.folder)
        environment["PYTHONPATH"] = str(folder / "src")  # before the environment's own grubook
    program = START.format(holds=condition.holds) + program
    command = [*prefix, sys.executable, "-c", program, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    if condition.read_only:
        writable(folder, False)
    try:
        done = subprocess.run(command, cwd=folder, env=environment, **pipes, **start)
    finally:
        if condition.read_only:
            writable(folder, True)
    return done.returncode, done.stdout.decode("utf-8", "backslashreplace")


def main():
    names = sys.argv[1:] or list(CONDITIONS)
    for name in names:
        if name not in CONDITIONS:
            sys.exit(f"There is no condition {name!r}; there are: {', '.join(CONDITIONS)}")
    failed = False
    for number, name in enumerate(names, 1):
        condition, start = CONDITIONS[name], time.perf_counter()
        print(f"[{number}/{len(names)}] {name}: {condition.says} ...", flush=True)
        try:
            with tempfile.TemporaryDirectory() as scratch:
                status, said = run(condition, pathlib.Path(scratch))
        except CannotBeMade as reason:
            print(f"{name}: LEFT OUT, {reason}", flush=True)
            continue
        summary = SUMMARY.findall(said)
        if status:
            print(said)
            failed = True
        verdict = "FAILED" if status else "passed"
        line = summary[-1].strip("= ") if summary else "pytest did not finish"
        print(f"{name}: {verdict}, {line} ({time.perf_counter() - start:.0f} s)", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
