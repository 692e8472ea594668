/**
 * What grows on a drawn head or is worn on it: hair behind and before the face, beard, glasses.
 */
import { type Colour, toned } from "./canvas.ts";
import { ellipse, type Head, mirrored } from "./head.ts";
import { rim } from "./skull.ts";
import type { EyeTraits, GlassesTraits, Traits } from "./traits.ts";

/** The hair that the face stands before: the volume round the skull, and what hangs down. */
export function drawHairBehind(head: Head, { hair, head: skull }: Traits): void {
  if (hair.style === "bald") return;
  const colour = toned(hair.colour, 0.8);
  const grown = 0.03 + hair.volume;
  const top = -skull.crown - grown;
  const width = 1 + grown * 0.9;
  const outline: number[] = [];
  for (let i = 0; i <= 12; i++) {
    const angle = Math.PI * (1 + i / 12);
    outline.push(width * Math.cos(angle), Math.min(0, -0.2 + (top + 0.2) * -Math.sin(angle)));
  }
  outline.push(width, hair.length, width * 0.85, hair.length + 0.1);
  outline.push(-width * 0.85, hair.length + 0.1, -width, hair.length);
  head.paintRim(outline, colour, (y) => y > 0.3 ? -0.2 : 0);
}

/** The hair before the forehead: between the rim of the skull and the hairline. */
export function drawFringe(head: Head, { hair, head: skull }: Traits): void {
  if (hair.style === "bald") return;
  const grown = 0.03 + hair.volume * 0.5;
  const outline: number[] = [];
  for (let i = 0; i <= 10; i++) {
    const angle = Math.PI * (1 + i / 10);
    const down = hair.line_side + (skull.crown + grown + hair.line_side) * Math.sin(angle);
    outline.push((skull.temple + grown) * Math.cos(angle), down);
  }
  const parted = hair.style === "parted" || hair.style === "long";
  for (let i = 0; i <= 10; i++) {
    const t = 1 - i / 5;
    // A hairline falls from its parting (or its middle) to the temples.
    const away = parted ? Math.min(1, Math.abs(t - hair.part) / (1 + Math.abs(hair.part))) : t * t;
    const y = hair.line + (hair.line_side - hair.line) * away * Math.abs(away);
    outline.push(t * 0.94 * skull.temple, y);
  }
  head.paintRim(outline, hair.colour, (y) => y > -0.9 ? 0.35 : 0.1);
}

/** Beard on cheeks and chin, and the moustache. */
export function drawBeard(head: Head, { beard, mouth, nose, head: skull }: Traits): void {
  const { colour } = beard;
  if (beard.cheeks > 0) {
    const outline = rim(skull, 0.2, skull.chin - 0.01, -0.01);
    const cheek = [-0.6, 0.5, -0.3, 0.55, 0, 0.5, 0.3, 0.55, 0.6, 0.5];
    outline.push(...cheek);
    head.paint(clampedToFront(outline), colour, beard.cheeks);
  } else if (beard.chin > 0) {
    const y = (mouth.y + 0.14 + skull.chin) / 2;
    head.paint(ellipse(0, y, 0.26, (skull.chin - mouth.y - 0.1) / 2), colour, beard.chin, 0.04);
  }
  if (beard.moustache > 0) {
    const y = (nose.y + 0.1 + mouth.y) / 2;
    const height = Math.max(0.05, (mouth.y - nose.y - 0.12) / 2);
    head.paint(ellipse(0, y, mouth.width * 1.05, height), colour, beard.moustache, 0.03);
  }
}

/** Keeps an outline where the front of the head is defined. */
function clampedToFront(outline: readonly number[]): number[] {
  return outline.map((value, at) => at % 2 === 0 ? Math.max(-0.99, Math.min(0.99, value)) : value);
}

/** Rims of glasses, bridge and temples; the lenses darken a little. */
export function drawGlasses(head: Head, eyes: EyeTraits, glasses: GlassesTraits): void {
  const { width, height, rim: thickness, square, colour } = glasses;
  const y = eyes.y + 0.03;
  const corners = square ? 8 : 14;
  const turn = square ? Math.PI / 8 : 0;
  const shape = (grown: number): number[] => {
    const outline: number[] = [];
    for (let i = 0; i <= corners; i++) {
      const angle = turn + 2 * Math.PI * i / corners;
      const stretch = square ? 1.06 : 1;
      outline.push(
        eyes.x + (width + grown) * stretch * Math.cos(angle),
        y + (height + grown) * stretch * Math.sin(angle),
      );
    }
    return outline;
  };
  const inner = shape(0);
  const lens: Colour = [30, 40, 50];
  for (const side of [inner, mirrored(inner)]) head.paint(side, lens, 0.12, 0.12);
  // Outer rim and the way back along the inner one: the even-odd rule leaves the lens free.
  const ring = [...shape(thickness), ...inner];
  for (const side of [ring, mirrored(ring)]) head.paint(side, colour, 0.95, 0.12);
  const gap = Math.max(0.02, eyes.x - width);
  const bridge = [-gap, y - 0.05, gap, y - 0.05, gap, y - 0.05 + thickness, -gap];
  head.paint([...bridge, y - 0.05 + thickness], colour, 0.95, 0.16);
}
