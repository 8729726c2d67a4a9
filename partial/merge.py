"""Merge the parts of memory/harder and store first_symbol; drop test runs at a rate that was not chosen."""
import json, pathlib, sys
sys.path.insert(0, "/work/wt/land")
W = pathlib.Path("/work/wt/land"); D = W / "src/grubook/stored/results/memory"
import experiments.memory.trials as t, experiments.memory.harder as h, experiments.memory.first_symbol as f
class R:
    def __init__(s, runs): s.content = {"runs": runs}
    def runs(s, **k): return [r for r in s.content["runs"] if all(r.get(a) == b for a, b in k.items())]
    def done(s, **k): return bool(s.runs(**k))
    def add(s, **k): raise SystemExit(f"missing {k}")
def clean(content, groups):
    r = R(content["runs"]); drop = []
    for task, plan, name, lag, also in groups:
        if not r.runs(stage="test", model=name, lag=lag, **also): continue
        rate = t.choose_rate(r, task, plan, name, lag, also)
        for x in r.runs(stage="test", model=name, lag=lag, **also):
            if x["rate"] != rate: drop.append(x)
        left = [x for x in r.runs(stage="test", model=name, lag=lag, **also) if x["rate"] == rate]
        assert left, (name, lag, rate)
    for x in drop: print("dropped", {k: x[k] for k in ("model", "lag", "rate", "seed", "solved", "updates")})
    content["runs"] = [x for x in content["runs"] if x not in drop]
def store(content, name):
    (D / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(name, len(content["runs"]))
a, c = (json.loads((W / f"_build/mem_{k}/memory/harder.json").read_text()) for k in "ac")
for k in ("data", "settings", "tolerance", "versions"): assert a[k] == c[k], k
commits = dict.fromkeys(", ".join([a["commit"], c["commit"]]).split(", "))
a["commit"] = ", ".join(commits); a["runs"] += c["runs"]
clean(a, [(task, h.PLANS[n], m, lag, {"task": n}) for n, task in h.TASKS.items() for m in t.LAYERS for lag in h.CAPS[n]])
store(a, "harder.json")
s = json.loads((W / "_build/mem_2/memory/first_symbol.json").read_text())
clean(s, [(f.TASK, f.PLAN, m, lag, {}) for m in t.LAYERS for lag in f.PLAN.caps])
store(s, "first_symbol.json")
