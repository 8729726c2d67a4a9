"""Execute the chapters afresh, in place: `make run`, or `make run NAME=mnist_rows`.

A chapter is replaced only when it ran to its end; a failure names the cell and leaves the stored
notebook as it was.
"""

import pathlib
import sys
import time

import nbformat
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

CHAPTERS = pathlib.Path(__file__).resolve().parents[1] / "chapters"


class OwnKernel(AsyncKernelManager):
    """Starts the Python that runs this, whatever "python3" is in the user's Jupyter folder."""

    @property
    def kernel_spec(self):
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


def tidy(notebook):
    """Drop what differs between two machines or two runs and teaches nothing."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("collapsed", None)
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
            # The book folds a cell by its tag, JupyterLab by this field.
            folded = (
                {"source_hidden": True} if "hide-input" in cell.metadata.get("tags", []) else {}
            )
            cell.metadata.pop("jupyter", None)
            cell.metadata.update({"jupyter": folded} if folded else {})


def joined(outputs):
    """Join neighboring pieces of one stream: where the kernel cut it depends on the moment."""
    result = []
    for output in outputs:
        last = result[-1] if result else {}
        if output.output_type == "stream" == last.get("output_type") and last.name == output.name:
            last.text += output.text
        else:
            result.append(output)
    return result


def execute(path):
    """Run one notebook with a progress line for each cell, then write it."""
    notebook = nbformat.read(path, as_version=4)
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    start = time.perf_counter()

    def show(cell, cell_index, **_):
        if cell.cell_type == "code" and sys.stderr.isatty():
            seconds = time.perf_counter() - start
            print(
                f"\r{path.name}: cell {code.index(cell_index) + 1}/{len(code)}, {seconds:.0f} s ",
                end="",
                file=sys.stderr,
                flush=True,
            )

    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        kernel_manager_class=OwnKernel,
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        on_cell_start=show,
    )
    client.execute()
    tidy(notebook)
    part = path.with_suffix(".part")
    nbformat.write(notebook, part)
    part.replace(path)
    return time.perf_counter() - start


def main():
    names = sys.argv[1:] or [path.stem for path in sorted(CHAPTERS.glob("*.ipynb"))]
    for number, name in enumerate(names, 1):
        path = CHAPTERS / f"{name.removesuffix('.ipynb')}.ipynb"
        if not path.is_file():
            known = ", ".join(sorted(p.stem for p in CHAPTERS.glob("*.ipynb")))
            sys.exit(f"There is no chapter {name!r}; the chapters are: {known}")
        print(f"[{number}/{len(names)}] {path.name} ...", flush=True)
        try:
            seconds = execute(path)
        except CellExecutionError as error:
            sys.exit(f"\n{error}\n{path.name} stopped here; the stored notebook is unchanged.")
        print(f"\r[{number}/{len(names)}] {path.name}: done in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
