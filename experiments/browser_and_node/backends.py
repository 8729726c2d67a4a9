"""How fast the programs' pages train on each backend of TensorFlow.js, in Chromium.

A figure is what the page says itself: examples a second of its training, without the pauses. The
backends take turns, so that another program on the machine meets all of them. WebGL and WebGPU run
on whatever draws for this browser, which each run records; where that is SwiftShader, the processor
draws, and nothing is learned about a graphics card.

The pages must be built: `make book`.
"""

import pathlib
import re

from experiments.common import Recorder, array_digest, brief, command_line
from web.chromium import launch

PAGES = pathlib.Path("_build/web")  # of the root, where experiments run
BACKENDS = {"digits": ["wasm", "webgl", "webgpu", "cpu"], "next_word": ["wasm", "webgl", "cpu"]}
FIELDS = {
    "digits": {"images": 64, "epochs": 2},
    "next_word": {"reviews": 40, "words": 300, "epochs": 1},
}
REPEATS = 3
# Without a graphics card, let the processor draw; TensorFlow.js must be asked for that.
FLAGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"]
QUERY = "?tfjsflags=SOFTWARE_WEBGL_ENABLED:true"

RENDERER = """() => {
  const gl = document.createElement("canvas").getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  return names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : "none";
}"""


def train(browser, program, backend):
    """Train as the page offers it; return the rate that it says, and what draws."""
    page = browser.new_page()
    page.goto((PAGES.absolute() / f"{program}.html").as_uri() + QUERY)
    page.locator("#backend").select_option(backend)
    for name, number in FIELDS[program].items():
        page.locator(f"#{name}").fill(str(brief(number, min(number, 40))))
    page.locator("#start").click()
    log = page.locator("#log", has_text=re.compile(r"a second|did not work"))
    log.wait_for(timeout=600_000)
    said, renderer = log.inner_text(), page.evaluate(RENDERER)
    page.close()
    return rate_in(said), renderer


def rate_in(said):
    """The examples a second that a page says among its messages."""
    rate = re.search(r"(\d+) \D*(?:\d+ words )?a second", said)
    if rate is None:
        raise RuntimeError(said)
    return int(rate[1])


def main():
    recorder = Recorder(
        __file__,
        settings={"fields": FIELDS, "repeats": REPEATS, "flags": FLAGS, "query": QUERY},
        tolerance={"examples_a_second": 200},  # they belong to the machine
        data=array_digest(),  # the pages' samples; what they hold does not change the speed
    )
    keys = [
        {"program": program, "backend": backend, "repeat": repeat}
        for repeat in range(REPEATS)
        for program in BACKENDS
        for backend in BACKENDS[program]
    ]
    with launch(*FLAGS) as browser:
        for key in recorder.todo(keys):
            rate, renderer = train(browser, key["program"], key["backend"])
            recorder.add(**key, examples_a_second=rate, renderer=renderer)


if __name__ == "__main__":
    command_line(main)
