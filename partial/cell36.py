"""Cells of next_word up to one third of an epoch; variants by environment."""
import json, os, sys, time, ctypes, resource
import matplotlib; matplotlib.use("Agg")
nb = json.load(open("chapters/next_word.ipynb"))
code = ["".join(c["source"]) for c in nb["cells"] if c["cell_type"] == "code"]
import grubook
if os.environ.get("THRESHOLD"):
    ctypes.CDLL(None).mallopt(-3, int(os.environ["THRESHOLD"]))
import io, contextlib
space = {"__name__": "__main__"}
out = io.StringIO()
with contextlib.redirect_stdout(out):
    for i in (1, 5, 6, 7, 8, 9, 10, 11, 17, 22, 28, 29, 30, 32, 33, 34, 35):
        exec(code[i].split("some_x, some_y =")[0] if i == 22 else code[i], space)
def faults(): r = resource.getrusage(resource.RUSAGE_SELF); return r.ru_minflt, r.ru_utime, r.ru_stime
exec("x, y = stream(train, np.random.default_rng(0)); l=float(update(x[0], y[0]))", space)
f0, t0 = faults(), time.perf_counter()
exec("ls=[float(update(x[k], y[k])) for k in range(1,60)]", space)
f1, t1 = faults(), time.perf_counter()
exec("p=np.exp(-score(arrays(), val[:120]).mean())", space)
f2, t2 = faults(), time.perf_counter()
d = lambda a, b: [round(q - p, 1) for p, q in zip(a, b)]
print(sys.argv[1:], "59 updates", round(t1 - t0, 2), d(f0, f1), "score", round(t2 - t1, 2), d(f1, f2), space["ls"][-1], space["p"], "peak MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1e3)
