/* The digit microscope's drawing pad. */

import { SIDE } from "../../gru/strokes.js";
import { paint } from "./digit_maps.js";
import { clamp, el, onDraw } from "./page.js";

const RADIUS = 0.042; // the pen's on the pad, as a share of its side
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The pad: its canvas, and the pen that keys move. hand has begin(place), move(place), end(),
    clear(), undo() and look(), which is called where the pen alone has moved. */
export class Pad {
  pen = { x: 0.5, y: 0.3, down: false };
  picture = el("canvas", { width: SIDE, height: SIDE });
  canvas = el("canvas", { className: "digit-pad", tabIndex: 0, role: "application",
    ariaLabel: "Drawing pad. Arrow keys move the pen, the space bar puts it down and lifts it, Delete clears." });

  constructor(hand, say) {
    Object.assign(this, { hand, say });
    onDraw(this.canvas, hand);
    this.canvas.onkeydown = (event) => this.press(event);
    this.canvas.onfocus = this.canvas.onblur = hand.look;
  }

  press(event) {
    const { hand, pen } = this;
    if (KEYS[event.key]) this.movePen(KEYS[event.key]);
    else if (event.key === " " || event.key === "Enter") {
      if (pen.down) hand.end();
      else hand.begin([pen.x, pen.y]);
      pen.down = !pen.down;
    } else if (event.key === "Delete" || event.key === "Backspace") hand.clear();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) hand.undo();
    else return;
    event.preventDefault();
  }

  movePen([right, down]) {
    const { pen } = this;
    pen.x = clamp(pen.x + 0.05 * right, 0.05, 0.95);
    pen.y = clamp(pen.y + 0.05 * down, 0.05, 0.95);
    if (pen.down) return this.hand.move([pen.x, pen.y]);
    this.hand.look();
    this.say(`Pen ${Math.round(100 * pen.x)} from the left, ${Math.round(100 * pen.y)} from the top.`);
  }

  /** Show strokes, or in their stead an example, an image of 28 * 28 numbers. */
  draw(strokes, example, colors) {
    const side = Math.round(this.canvas.clientWidth * devicePixelRatio) || 280;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, side, side);
    if (example) {
      paint(this.picture, colors.ink, (t, i) => example[t * SIDE + i]);
      context.imageSmoothingQuality = "high";
      context.drawImage(this.picture, 0, 0, side, side);
    }
    context.strokeStyle = colors.ink;
    context.lineWidth = 2 * RADIUS * side;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) drawStroke(context, side, stroke);
    if (document.activeElement === this.canvas) this.drawPen(context, side, colors.z);
  }

  drawPen(context, side, color) {
    const { x, y, down } = this.pen;
    context.beginPath();
    context.arc(x * side, y * side, RADIUS * side * (down ? 1 : 0.7), 0, 7);
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeStyle = color;
    context.stroke();
  }
}

function drawStroke(context, side, [start, ...rest]) {
  context.beginPath();
  context.moveTo(start[0] * side, start[1] * side);
  for (const [x, y] of rest.length ? rest : [start]) context.lineTo(x * side, y * side);
  context.stroke();
}
