import json, pathlib
p = pathlib.Path("chapters/gradients_and_memory.ipynb")
nb = json.loads(p.read_text("utf-8"))
at = {c["id"]: c for c in nb["cells"]}
def sub(id, *pairs):
    s = "".join(at[id]["source"])
    for old, new in zip(pairs[::2], pairs[1::2]):
        assert s.count(old) == 1, (id, old)
        s = s.replace(old, new)
    at[id]["source"] = s.splitlines(keepends=True)
sub("weights-keras-intro", "The largest disagreement with each judge (Keras's is coarser: float32):", "The largest disagreement with the differences, then with Keras (coarser: float32):")
sub("cell-003", "Keras judges", "finite differences and Keras judge")
sub("article", "Keras's article says that gating lets a GRU remember information over time ([claim by claim](articles.md)). It makes that possible, not automatic.", "Keras's article says that GRUs address the vanishing gradient ([claim by claim](articles.md)). They can; not as they start.")
sub("cell-054", "the GRU's update gates start at $\\log(\\text{lag})$, where they keep at the scale of the lag,", "the GRU's update-gate biases start at $\\log(\\text{lag})$, so units keep at that scale,",
    "a random number between 1 and the lag for each unit.", "in the GRU, the log of a random number, unit by unit.",
    "The rate was chosen for each layer **at each lag**, from seven, with seeds of its own (where none solved the task within 2,000 updates, the rate of the lag before)", "Each layer got the quickest of seven rates **at each lag**, by two other seeds (where none solved the task within 2,000 updates: the rate nearest to it)",
    "A layer that failed with two seeds was tried no further.", "A layer whose first two seeds failed was tried no further.")
sub("memory-plot", 'colors = {"SimpleRNN": C["baseline"], "LSTM": C["candidate"], "GRU": C["h"]}\nlines = {"": "-", "identity start": "-.", "bias log(lag)": "--", "bias log(1 to lag)": ":"}\n', 'looks = [("h", "-"), ("candidate", "--")]\n',
    'diverged = swept["diverged"].eq(True)\nends = {"o": swept["solved"], "^": diverged, "x": ~swept["solved"] & ~diverged}\nfor i, (model, trained) in enumerate(swept.groupby("model", sort=False)):\n    layer, _, variant = model.partition(", ")\n    beside = 1.06 ** (i - 2)  # a little to the left or right of the rate, so that none is hidden\n    for marker, ended in ends.items():\n        some = trained[ended[trained.index]]\n        ax.plot(some["rate"] * beside, some["updates"], marker, color=colors[layer], markersize=4)\n    median = trained[trained["solved"]].groupby("rate")["updates"].median()\n    ax.plot(median.index * beside, median, lines[variant], color=colors[layer], label=model)\n',
    'assert not swept["diverged"].any()\nfor (model, trained), (color, line) in zip(swept.groupby("model", sort=False), looks, strict=True):\n    for marker, solved in [("o", True), ("x", False)]:\n        some = trained[trained["solved"] == solved]\n        ax.plot(some["rate"], some["updates"], marker, color=C[color], markersize=4)\n    median = trained[trained["solved"]].groupby("rate")["updates"].median()\n    ax.plot(median.index, median, line, color=C[color], label=model)\n')
sub("cell-058", "Each mark is a seed: a point if it solved the task, a cross if its cap ended it, a triangle if its weights became NaN.", "A mark is a seed (some coincide): a point if it solved the task, a cross if its cap ended it.")
sub("memory-second", "A wide choice of rates. At $10^{-2}$ it saves nearly all updates. Below that, the default GRU solved lag 80 on no seed within the cap;", "At lag 80, a wide choice of rates. At $10^{-2}$ it saves nearly all updates. Below that, the default GRU solved it on no seed within the cap;")
sub("memory-third", "nearly as quick; it and the minGRU", "nearly as quick; that LSTM and the minGRU", "The bias knew the lag (or its range). Large steps cost the runs that diverged.", "How to choose a bias where not even the range of lags is known.")
sub("harder", "rates chosen likewise, three seeds", "six rates, chosen likewise, but with as many updates as the test; three seeds", "- **Adding** ([Hoch", "- **Adding** (after [Hoch", "(who always says 1 is off by a third)", "(always saying 1: a third)", "10 or 40 blanks; then write the five, in order.", "10 or 40 blanks; then, when asked, the five in order. Solved: 99 in 100 symbols.")
sub("harder-table", 'harder = pd.DataFrame(load_results("memory/harder")["runs"])\nharder = harder[harder["stage"] == "test"]\n', 'stored = load_results("memory/harder")\nharder = pd.DataFrame(stored["runs"]).query("stage == \'test\'")\n', 'sep="\\n", end="\\n\\n")', 'sep="\\n")\n    print("updates at most:", *stored["settings"][task]["updates_at_most"].values(), end="\\n\\n")')
sub("truncation-end", "(Above chance: untrained rows still pass some of it.)", "(At times above chance: untrained rows may still pass some of it.)")
sub("race", "the GRU's lines stay near the top, two of the LSTM's five sink, the plain network's jump between nothing and all.", "beyond small gaps the GRU's lines stay near the top; two of the LSTM's five sink; most of the plain network's jump between nothing and all.", "someone starts the gates at $\\log 320$", "someone starts the biases at $\\log 320$")
p.write_text(json.dumps(nb, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
