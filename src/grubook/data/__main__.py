"""Fetch and verify data sets: ``python -m grubook.data [name ...]``, all but the optional ones."""

import sys

from grubook.data import main

sys.exit(main(sys.argv[1:]))
