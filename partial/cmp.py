import json, statistics
from collections import defaultdict
base={"digits":"Keras on TensorFlow, the book's settings","words":"Keras on TensorFlow, the book's settings","one digit":"Keras, predict_on_batch"}
R={}
for k in (1,2):
    d=json.load(open(f'/work/wt/land/_build/bench_{k}/speed/bench.json'))
    t=defaultdict(list)
    for r in d['runs']: t[r['work'],r['way']].append(r['milliseconds'])
    for (w,n),v in t.items():
        b=t.get((w,base[w]))
        if b: 
            q=[x/y for x,y in zip(b,v)]
            R.setdefault((w,n),[]).append((round(statistics.median(q),2),round(min(q),2),round(max(q),2),round(statistics.median(v),3)))
for k,v in R.items(): print(*k,*v, f"{100*(v[1][0]/v[0][0]-1):+.0f}%" if len(v)>1 else "")
