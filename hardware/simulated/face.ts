/**
 * Draws one person's head and shoulders: a face that its seed alone decides, seen under a pose, an
 * expression and a light, with features that move as on a head in space.
 */
import { type Canvas, fillPolygon, toned } from "./canvas.ts";
import { ellipse, Head, mirrored, type Outline } from "./head.ts";
import type { DrawnFace, Light, Person, Place } from "./scene.ts";
import { rim, rimDepth } from "./skull.ts";
import { type HeadTraits, type Traits, traitsOf } from "./traits.ts";
import { drawBeard, drawFringe, drawGlasses, drawHairBehind } from "./hair.ts";

/** Draws a person over what is there, and tells where the face and its landmarks are. */
export function drawFace(canvas: Canvas, person: Person, light: Light): DrawnFace {
  const traits = traitsOf(person.identity);
  const head = new Head(canvas, person, light.side);
  drawBody(canvas, person, traits);
  drawHairBehind(head, traits);
  drawSkull(head, traits.head);
  drawBeard(head, traits);
  drawEyes(head, traits, person.expression);
  drawNose(head, traits);
  drawMouth(head, traits, person.expression);
  drawBrows(head, traits);
  drawFringe(head, traits);
  if (traits.glasses !== undefined) drawGlasses(head, traits.eyes, traits.glasses);
  return truthOf(head, person, traits);
}

/** Neck and shoulders stay upright whatever the head does. */
function drawBody(canvas: Canvas, person: Person, traits: Traits): void {
  const unit = person.size / 2;
  const points = (outline: Outline) =>
    outline.map((value, at) => value * unit + (at % 2 === 0 ? person.x : person.y) + 0.5);
  const body = [-0.5, 1.5, 0.5, 1.5, 1.5, 1.85, 1.9, 2.5, 2.1, 9, -2.1, 9, -1.9, 2.5, -1.5, 1.85];
  fillPolygon(canvas, points(body), traits.clothes, 1);
  const neck = [-0.5, 0.6, 0.5, 0.6, 0.56, 1.6, 0.25, 1.85, -0.25, 1.85, -0.56, 1.6];
  fillPolygon(canvas, points(neck), toned(traits.head.skin, 0.8), 1);
}

function drawSkull(head: Head, traits: HeadTraits): void {
  for (const side of [-1, 1]) {
    const ear = ellipse(side * (0.97 + traits.ear * 0.4), 0, traits.ear, 0.22, side * 0.15);
    head.paintRim(ear, toned(traits.skin, 0.88), () => -0.1);
  }
  head.paintRim(rim(traits, -traits.crown, traits.chin), traits.skin, rimDepth);
  for (const spot of traits.spots) {
    const colour = toned(traits.skin, spot.tone);
    // Two layers make the edge soft.
    for (const share of spot.width < 0.1 && !spot.paired ? [1] : [1, 0.65]) {
      const outline = ellipse(spot.x, spot.y, spot.width * share, spot.height * share);
      head.paint(outline, colour, 0.6);
      if (spot.paired) head.paint(mirrored(outline), colour, 0.6);
    }
  }
}

function drawEyes(head: Head, { eyes, head: { skin } }: Traits, expression: number): void {
  const open = eyes.open * (1 - 0.3 * Math.max(0, expression));
  for (const side of [-1, 1]) {
    const x = side * eyes.x, tilt = -side * eyes.tilt;
    head.paint(ellipse(x, eyes.y, eyes.width * 1.15, open * 1.9, tilt), toned(skin, 0.8), 0.5);
    head.paint(ellipse(x, eyes.y, eyes.width, open, tilt), [236, 232, 226], 1);
    const iris = Math.min(eyes.iris, open * 1.05);
    head.paint(ellipse(x, eyes.y, eyes.iris, iris), eyes.colour, 1);
    head.paint(ellipse(x, eyes.y, eyes.iris * 0.5, iris * 0.5), [12, 10, 12], 1);
    head.paint(lidOf(x, eyes.y, eyes.width, open, tilt, eyes.lid), [40, 28, 24], 0.9);
  }
}

/** The dark edge of the upper lid: between an arc along the eye and one just above it. */
function lidOf(
  x: number,
  y: number,
  width: number,
  open: number,
  tilt: number,
  thickness: number,
): number[] {
  const cos = Math.cos(tilt), sin = Math.sin(tilt);
  const outline: number[] = [];
  for (const [grown, from, step] of [[0, 0, 1], [thickness, 6, -1]] as const) {
    for (let i = 0, at = from; i <= 6; i++, at += step) {
      const angle = Math.PI * (1 + at / 6);
      const u = (width + grown) * Math.cos(angle), v = (open + grown) * Math.sin(angle);
      outline.push(x + u * cos - v * sin, y + u * sin + v * cos);
    }
  }
  return outline;
}

function drawBrows(head: Head, { brows, eyes, hair, head: { skin } }: Traits): void {
  const colour = toned(hair.style === "bald" ? skin : hair.colour, 0.6);
  const y = eyes.y - brows.gap;
  for (const side of [-1, 1]) {
    const lower: number[] = [], upper: number[] = [];
    for (let i = -3; i <= 3; i++) {
      const t = i / 3;
      const x = side * (eyes.x + t * brows.length);
      const middle = y - brows.tilt * t * brows.length + brows.arch * (t * t - 0.5);
      const half = brows.thickness * (1 - 0.45 * Math.max(0, t));
      lower.push(x, middle + half);
      upper.unshift(x, middle - half);
    }
    // Reversed pairs: `unshift` of x, y keeps each pair in order.
    head.paint([...lower, ...upper], colour, 0.9, 0.03);
  }
}

function drawNose(head: Head, { nose, eyes, head: { skin } }: Traits): void {
  const { y, width, bridge, depth, shadow } = nose;
  const dark = toned(skin, 0.62);
  const top = eyes.y + 0.02;
  const flank = [bridge, top, bridge * 1.2, y - 0.12, width, y, width * 0.55, y, bridge * 0.4, top];
  head.paint(flank, dark, shadow, depth * 0.3);
  head.paint(mirrored(flank), dark, shadow, depth * 0.3);
  const ridge = [
    -bridge * 0.4,
    top,
    bridge * 0.4,
    top,
    bridge * 0.7,
    y - 0.04,
    0,
    y,
    -bridge * 0.7,
  ];
  head.paint([...ridge, y - 0.04], toned(skin, 1.12), 0.7, depth * 0.7);
  head.paint(ellipse(0, y - 0.01, width * 0.6, 0.085), toned(skin, 1.06), 0.7, depth);
  for (const side of [-1, 1]) {
    const nostril = ellipse(side * width * 0.48, y + 0.075, width * 0.24, 0.032, side * 0.3);
    head.paint(nostril, toned(skin, 0.36), 0.9, depth * 0.6);
  }
  head.paint(ellipse(0, y + 0.11, width * 0.8, 0.035), dark, 0.4, depth * 0.4);
}

/** Half the width of the mouth and the height of its corners, by expression. */
function cornersOf({ mouth }: Traits, expression: number): { width: number; y: number } {
  return {
    width: mouth.width * (1 + 0.16 * expression),
    y: mouth.y - 0.075 * expression,
  };
}

function drawMouth(head: Head, traits: Traits, expression: number): void {
  const { mouth } = traits;
  const corner = cornersOf(traits, expression);
  const arc = (height: number, from: number, to: number): number[] => {
    const outline: number[] = [];
    for (let i = 0; i <= 6; i++) {
      const t = from + (to - from) * i / 6;
      const bow = 1 - t * t;
      outline.push(t * corner.width, corner.y + (mouth.y - corner.y) * bow + height * bow);
    }
    return outline;
  };
  const gap = Math.max(0, expression) * 0.06;
  head.paint([...arc(-mouth.upper, -1, 1), ...arc(0.01, 1, -1)], toned(mouth.colour, 0.85), 0.95);
  head.paint([...arc(gap, -1, 1), ...arc(gap + mouth.lower, 1, -1)], mouth.colour, 0.95);
  if (gap > 0.01) head.paint([...arc(0, -1, 1), ...arc(gap, 1, -1)], [232, 226, 216], 1);
  head.paint([...arc(-0.012, -1, 1), ...arc(0.018, 1, -1)], toned(mouth.colour, 0.4), 0.9);
}

function truthOf(head: Head, person: Person, traits: Traits): DrawnFace {
  const { eyes, nose } = traits;
  const corner = cornersOf(traits, person.expression);
  const on = (x: number, y: number, lift = 0): Place => head.place(x, y, Head.front(x, y) + lift);
  const middle = head.place(0, 0, 0.1);
  const upper = Math.min(0.95, traits.head.crown);
  const height = (upper + traits.head.chin) * head.unit;
  return {
    identity: person.identity,
    box: {
      x: middle.x - head.unit,
      y: middle.y - upper * head.unit,
      width: 2 * head.unit,
      height,
    },
    landmarks: [
      on(-eyes.x, eyes.y),
      on(eyes.x, eyes.y),
      on(0, nose.y, nose.depth),
      on(-corner.width, corner.y),
      on(corner.width, corner.y),
    ],
  };
}
