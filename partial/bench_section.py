import json, pathlib, sys
p = pathlib.Path("chapters/digits_inside.ipynb")
nb = json.loads(p.read_text("utf-8"))
cells = nb["cells"]
at = {c["id"]: i for i, c in enumerate(cells)}
new_md = lambda id, text: {"cell_type": "markdown", "id": id, "metadata": {}, "source": text.splitlines(keepends=True)}
new_code = lambda id, text: {"cell_type": "code", "execution_count": None, "id": id, "metadata": {}, "outputs": [], "source": text.splitlines(keepends=True)}
old = "".join(cells[at["cell-102"]]["source"])
caution, saving = old.split("\n\n## Saving and loading", 1)
bench_md = new_md("bench", caution + """

### A bench: what else could be faster?

`make bench`, in the book's folder, lets ways to train take turns on **one core**, five times: the digits' network, and a [next-word](next_word.ipynb) network (64 units, windows of 40 words, a vocabulary of 10,000). First all must reach the same losses. Then ways to read one digit, which must give the same scores. A run of it is stored:""")
bench_code = new_code("bench-figure", """bench = load_results("speed/bench")
print(bench["versions"]["processor"])
titles = ["training, digits", "training, next word", "one digit"]
fig, axes = plt.subplots(3, figsize=(5.2, 8.6), height_ratios=[7, 8, 7])
faster = {}
for ax, (work, base), title in zip(axes, bench["settings"]["base"].items(), titles, strict=True):
    times = {}
    for run in bench["runs"]:
        if run["work"] == work:
            times.setdefault(run["way"], []).append(run["milliseconds"])
    for y, (way, took) in enumerate(times.items()):
        ratios = np.divide(times[base], took)
        faster[work, way] = np.median(ratios)
        ax.plot([ratios.min(), ratios.max()], [y, y], color=plots.COLORS["h"])
        ax.plot(faster[work, way], y, "o", color=plots.COLORS["h"])
        name = f"{way}: {faster[work, way]:.2g}"
        ax.text(0.01, y - 0.42, name, transform=ax.get_yaxis_transform(), fontsize=9)
    ax.set(xscale="log", ylim=(len(times) - 0.5, -0.8), yticks=[], title=title)
axes[-1].set_xlabel("times as fast")
fig.tight_layout()
plt.show()""")
after = new_md("bench-after", """*Each dot is the median over the repeats of "time of the base, divided by the time of this way"; its number stands above it. The line reaches from the least to the greatest. Farther right is faster, and 1 is the base: the book's settings, or Keras's `predict_on_batch`. For training the processor's own time counts; for one digit the time that passes.*

**Compiling pays.** With Keras's defaults the same network is less than half as fast on digits, and about three quarters as fast on words, where the larger products are the same in both. The matrix products alone, in NumPy, take a quarter of the digits' time and two fifths of the words': that much is left to gain, at most, for whoever does the same products.

**oneDNN**, Intel's library, makes both faster. This book switches it off (`TF_ENABLE_ONEDNN_OPTS=0`, before TensorFlow is imported), to be rid of a message at each start, and its stored results were made so. For long trainings of your own, leave it on.

**One product for the inputs of all steps**, outside of the loop, is an old advice: $x_t W$ needs no state. As a Keras layer of twenty lines it computes the same, and is *not* faster here. Why, was not looked into.

**Other libraries.** Keras on JAX is as fast on digits and less than half as fast on words; PyTorch is slower than the book's settings on both. But see the first line of both: PyTorch, as it comes, is faster than Keras as it comes.

**From the CSV file to batches** takes about a fiftieth of the training: there is nothing to gain.

**One digit.** `model(x)` walks through the steps operation by operation, and takes some fifty times as long as `predict_on_batch`. TensorFlow Lite and ONNX Runtime need less than a thirtieth of that; plain NumPy and the book's own JavaScript are quicker, too.

What it does not show: larger networks and batches, more cores, a graphics card; how much of each ratio is the library and how much is this processor."""+ "\n\n## Saving and loading" + saving)
i = at["cell-102"]
cells[i:i + 1] = [bench_md, bench_code, after]
p.write_text(json.dumps(nb, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
