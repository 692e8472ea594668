/** The outline of a drawn face without hair: how wide it is at which height, and how deep. */
import type { HeadTraits } from "./traits.ts";

/** Half the width of the face at a height, from the crown (negative) to the chin. */
function rimAt(head: HeadTraits, y: number): number {
  if (y < -0.3) {
    const up = Math.min(1, (y + 0.3) / (0.3 - head.crown));
    return head.temple * Math.sqrt(1 - up * up) + (1 - head.temple) * (1 - up) * (1 - up);
  }
  const mouth = 0.68;
  if (y < mouth) {
    const down = (y + 0.3) / (mouth + 0.3);
    return 1 + (head.jaw - 1) * down * down;
  }
  const down = (y - mouth) / (head.chin - mouth);
  const bend = Math.sqrt(Math.max(0, 1 - down * down));
  return head.jaw * bend * (1 - 0.25 * down) + head.chin_width * 0.25 * down * bend;
}

/** The rim of the face as an outline, from the chin up the right side and down the left one. */
export function rim(head: HeadTraits, from: number, to: number, grown = 0): number[] {
  const steps = 14;
  const right: number[] = [], left: number[] = [];
  for (let i = 0; i <= steps; i++) {
    // Steps are closer at both ends, where the rim bends most.
    const y = from + (to - from) * (1 - Math.cos(Math.PI * i / steps)) / 2;
    const x = rimAt(head, y) + grown;
    right.push(x, y);
    left.unshift(-x, y);
  }
  return [...right, ...left];
}

/** How far before the ears the rim of the face is: the chin stands out, the crown does not. */
export function rimDepth(y: number): number {
  return y < 0.2 ? 0.05 : 0.05 + 0.5 * (y - 0.2);
}
