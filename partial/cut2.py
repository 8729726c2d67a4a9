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
sub("cell-054", "Each layer got the quickest of seven rates **at each lag**, by two other seeds (where none solved the task within 2,000 updates: the rate nearest to it): `experiments/memory/first_symbol.py`.",
 "Each layer got the quickest of seven rates **at each lag**, by two other seeds (where none solved the task within 2,000 updates: the best by validation): `experiments/memory/first_symbol.py`.",
 "(NaN: the weights ended as no numbers. A layer whose first two seeds failed was tried no further.)", "(NaN: the weights became no numbers. After two failed seeds no third was tried.)",
 "Beside SimpleRNN, LSTM and GRU as Keras starts them:", "Beside Keras's SimpleRNN, LSTM and GRU:",
 )
sub("memory-first", "Neither the vanishing gradient of its start nor the missing bias makes a long memory impossible.", "Neither its vanishing gradient nor the missing bias makes a long memory impossible.")
p.write_text(json.dumps(nb, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
