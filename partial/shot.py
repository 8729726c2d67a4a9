import sys, http.server, threading, functools
from playwright.sync_api import sync_playwright
page_name, ids, out = sys.argv[1], sys.argv[2].split(","), sys.argv[3]
h=functools.partial(http.server.SimpleHTTPRequestHandler, directory="/work/main/_build/html")
class Q(http.server.SimpleHTTPRequestHandler):
    def __init__(s,*a): super().__init__(*a, directory="/work/main/_build/html")
    def log_message(s,*a): pass
srv=http.server.ThreadingHTTPServer(("127.0.0.1",0),Q); threading.Thread(target=srv.serve_forever,daemon=True).start()
base=f"http://127.0.0.1:{srv.server_port}"
with sync_playwright() as p:
    try: b=p.chromium.launch()
    except Exception: b=p.chromium.launch(executable_path="/usr/lib/chromium/chromium", args=["--no-sandbox"])
    for name,w,scheme in (("light",1280,"light"),("dark",1280,"dark"),("phone",390,"light")):
        pg=b.new_page(viewport={"width":w,"height":900},color_scheme=scheme)
        pg.on("console", lambda m: print(name, m.type, m.text) if m.type in("error","warning") else None)
        pg.on("request", lambda r: print("OUT", r.url) if not r.url.startswith((base,"data:","blob:")) else None)
        pg.goto(f"{base}/chapters/{page_name}.html", wait_until="load", timeout=120000)
        pg.wait_for_timeout(1500)
        for i in ids:
            el=pg.locator(f"section#{i}").first
            el.scroll_into_view_if_needed(); pg.wait_for_timeout(300)
            el.screenshot(path=f"{out}_{i}_{name}.png", timeout=60000)
        if w==390: print("overflow", pg.evaluate("document.documentElement.scrollWidth"))
    b.close()
