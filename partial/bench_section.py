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
after = new_md("bench-after", "TO BE WRITTEN\n\n## Saving and loading" + saving)
i = at["cell-102"]
cells[i:i + 1] = [bench_md, bench_code, after]
p.write_text(json.dumps(nb, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
