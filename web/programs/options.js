/* What a reader may choose: one list and one check, for Node.js and for the pages. */

/** The numbers of each program: from least to most; usual where nothing is chosen, and onCpu with
    the CPU backend, which is many times slower. */
export const OPTIONS = {
  digits: {
    images: { least: 32, most: 55_000, usual: 2000, onCpu: 200 },
    epochs: { least: 1, most: 100, usual: 3, onCpu: 1 },
    test: { least: 1, most: 10_000, usual: 1000, onCpu: 100 },
  },
  next_word: {
    reviews: { least: 20, most: 100_000, usual: 300, onCpu: 60 },
    words: { least: 50, most: 20_000, usual: 1000, onCpu: 300 },
    epochs: { least: 1, most: 100, usual: 8, onCpu: 2 },
  },
};

/** What was chosen cannot be had; the message names the option and its range. */
export class OptionError extends Error {}

/** Check what was chosen. given: texts by name; a name that is not there takes its usual number.
    backends: those that there are. Returns { backend, images: 2000, ... } for the program.
    Throws an OptionError. */
export function readSettings(program, given, backends) {
  const backend = given.backend ?? backends[0];
  if (!backends.includes(backend)) {
    throw new OptionError(`backend must be one of ${backends.join(", ")}, not "${backend}"`);
  }
  const usual = usualSettings(program, backend);
  const numbers = Object.keys(usual).map((name) => [name, numberFrom(program, name, given[name] ?? usual[name])]);
  return { backend, ...Object.fromEntries(numbers) };
}

/** The numbers that a backend takes where nothing is chosen. */
export function usualSettings(program, backend) {
  const choose = ([name, { usual, onCpu }]) => [name, String(backend === "cpu" ? onCpu : usual)];
  return Object.fromEntries(Object.entries(OPTIONS[program]).map(choose));
}

function numberFrom(program, name, text) {
  const { least, most } = OPTIONS[program][name];
  const number = /^\d{1,9}$/.test(text.trim()) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new OptionError(`${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}
