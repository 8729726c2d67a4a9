/* What the gate explorer's unit can be set to do. */

export const STEPS = 40;

const signalOf = (value) => Array.from({ length: STEPS }, (_, t) => value(t));
/* Quiet noise that is the same on every visit (a linear congruential generator). */
function noise(size) {
  let seed = 7;
  return signalOf(() => ((seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 30 - 1) * size);
}
const quiet = noise(0.2);
const loud = { 4: 1, 16: 0.55, 28: 0.8 };
const events = [3, 6, 8, 9, 14, 17, 21, 22, 23, 28, 33, 36];
const nothing = { z: 0, r: 0, h: 0 };

/** What the links in the prose set. Each says what to look at, and what to try. */
export const PRESETS = {
  remember: {
    look: "The input is quiet noise with three loud values. A loud value pulls z down to 0 for one step, and the candidate gets in. Then z is back at 1, and the state stays what it is.",
    try: "Lower b_z, and the noise gets in. Or draw a loud value of your own.",
    signal: signalOf((t) => loud[t] ?? quiet[t]),
    weights: { W: { z: -28, r: 0, h: 1 }, U: nothing, b: { z: 12, r: 0, h: 0 } },
  },
  forget: {
    look: "A push, then silence. The update gate stands still at 10/11, because b_z = log 10. So every step keeps ten elevenths of the state: it leaks away.",
    try: "Raise b_z to 5. How long does the push last now? Then hold z at 1, and at 0.",
    signal: signalOf((t) => (t >= 3 && t < 9 ? 1 : 0)),
    weights: { W: { z: 0, r: 0, h: 30 }, U: nothing, b: { z: 2.3, r: 0, h: 0 } },
  },
  count: {
    look: "At each event z is nine tenths, so the gap between h and 1 shrinks by a tenth. Between events z is 1 and nothing moves. The number of stairs is the count.",
    try: "Draw more events, or take some away. Then lower b_z by 3: the stairs begin to sag.",
    signal: signalOf((t) => (events.includes(t) ? 1 : 0)),
    weights: { W: { z: -27.8, r: 0, h: 30 }, U: nothing, b: { z: 30, r: 0, h: 0 } },
  },
  restart: {
    look: "The candidate adds a little to the old state at each positive input. A negative input makes the reset gate hide the old state: the sum starts again.",
    try: "Hold r at 1. The negative inputs are subtracted then, and nothing starts again.",
    signal: signalOf((t) => (t === 14 || t === 28 ? -0.5 : t % 3 === 1 ? 0.8 : 0)),
    weights: { W: { z: 0, r: 20, h: 0.3 }, U: { z: 0, r: 0, h: 1 }, b: { z: -30, r: 5, h: 0 } },
  },
};
