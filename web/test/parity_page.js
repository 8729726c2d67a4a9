/* The parity suite for a browser: tests/pages/test_programs.py bundles this and calls compare. */

import "../programs/backends.js";
import { compare } from "./parity.js";

globalThis.compare = compare;
