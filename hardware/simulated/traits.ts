/**
 * What makes one drawn face different from all others: proportions, colours, hair, beard,
 * glasses and marks, all decided by the identity's seed. Lengths are in half face widths.
 */
import type { Colour } from "./canvas.ts";
import { type Chance, chanceOf } from "./chance.ts";

/** A small spot of another tone on the skin: `tone` above 1 is lighter, below 1 darker. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly tone: number;
  /** Whether it is there on both sides of the face. */
  readonly paired: boolean;
}

/** The shape of the skull and of what is fixed to it. */
export interface HeadTraits {
  readonly skin: Colour;
  readonly crown: number;
  readonly chin: number;
  readonly temple: number;
  readonly jaw: number;
  readonly chin_width: number;
  readonly ear: number;
  readonly spots: readonly Spot[];
}

export interface EyeTraits {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly open: number;
  readonly tilt: number;
  readonly iris: number;
  readonly colour: Colour;
  readonly lid: number;
}

export interface BrowTraits {
  readonly gap: number;
  readonly thickness: number;
  readonly length: number;
  readonly tilt: number;
  readonly arch: number;
}

export interface NoseTraits {
  readonly y: number;
  readonly width: number;
  readonly bridge: number;
  readonly depth: number;
  readonly shadow: number;
}

export interface MouthTraits {
  readonly y: number;
  readonly width: number;
  readonly upper: number;
  readonly lower: number;
  readonly colour: Colour;
}

export interface HairTraits {
  readonly style: "bald" | "short" | "fringe" | "parted" | "long";
  readonly colour: Colour;
  /** Where the forehead begins, in the middle and at the temples. */
  readonly line: number;
  readonly line_side: number;
  /** From -1 to 1: the side on which it is parted. */
  readonly part: number;
  readonly volume: number;
  readonly length: number;
}

export interface BeardTraits {
  /** Opacity of each part; 0 is shaved. */
  readonly cheeks: number;
  readonly chin: number;
  readonly moustache: number;
  readonly colour: Colour;
}

export interface GlassesTraits {
  readonly colour: Colour;
  readonly width: number;
  readonly height: number;
  readonly rim: number;
  readonly square: boolean;
}

/** All of one person that a camera can see. */
export interface Traits {
  readonly head: HeadTraits;
  readonly eyes: EyeTraits;
  readonly brows: BrowTraits;
  readonly nose: NoseTraits;
  readonly mouth: MouthTraits;
  readonly hair: HairTraits;
  readonly beard: BeardTraits;
  readonly glasses: GlassesTraits | undefined;
  readonly clothes: Colour;
}

const skins: readonly Colour[] = [
  [247, 217, 196],
  [235, 194, 163],
  [212, 164, 126],
  [172, 122, 88],
  [122, 83, 60],
];

const hairs: readonly Colour[] = [
  [28, 24, 24],
  [58, 40, 30],
  [98, 64, 38],
  [150, 104, 58],
  [206, 168, 104],
  [150, 68, 40],
  [168, 164, 160],
];

const irises: readonly Colour[] = [[54, 36, 26], [92, 64, 36], [74, 98, 62], [78, 112, 148]];

/** The traits of an identity: the same for the same number. */
export function traitsOf(identity: number): Traits {
  const chance = chanceOf(`face/${identity}`);
  const hair = hairOf(chance.fork("hair"));
  const head = headOf(chance.fork("head"));
  return {
    head,
    eyes: eyesOf(chance.fork("eyes")),
    brows: browsOf(chance.fork("brows")),
    nose: noseOf(chance.fork("nose")),
    mouth: mouthOf(chance.fork("mouth"), head.skin),
    hair,
    beard: beardOf(chance.fork("beard"), hair.colour),
    glasses: glassesOf(chance.fork("glasses")),
    clothes: anyColour(chance.fork("clothes"), 30, 200),
  };
}

function headOf(chance: Chance): HeadTraits {
  const tone = chance.between(0, skins.length - 1.001);
  const lighter = skins[Math.floor(tone)]!, darker = skins[Math.floor(tone) + 1]!;
  const red = chance.between(-7, 7), green = chance.between(-7, 7);
  const mixed = mix(lighter, darker, tone % 1);
  return {
    skin: [mixed[0] + red, mixed[1] + green, mixed[2] - red],
    crown: chance.between(1.2, 1.42),
    chin: chance.between(1.12, 1.42),
    temple: chance.between(0.86, 1),
    jaw: chance.between(0.62, 0.94),
    chin_width: chance.between(0.2, 0.48),
    ear: chance.between(0.06, 0.18),
    spots: spotsOf(chance.fork("spots")),
  };
}

/** Shadows and lights that every face has, each in its own strength, and a few marks. */
function spotsOf(chance: Chance): Spot[] {
  const tone = (reach: number) => 1 + chance.between(-reach, reach);
  const spots: Spot[] = [
    { x: 0.55, y: 0.25, width: 0.26, height: 0.2, tone: tone(0.16), paired: true },
    { x: 0.48, y: 0.62, width: 0.18, height: 0.2, tone: tone(0.14), paired: true },
    { x: 0, y: -0.72, width: 0.5, height: 0.18, tone: tone(0.12), paired: false },
    {
      x: 0.42,
      y: -0.06,
      width: 0.22,
      height: 0.07,
      tone: 1 - chance.between(0, 0.3),
      paired: true,
    },
    { x: 0.3, y: 0.48, width: 0.05, height: 0.17, tone: 1 - chance.between(0, 0.28), paired: true },
    { x: 0, y: 1.02, width: 0.16, height: 0.1, tone: tone(0.16), paired: false },
    { x: 0, y: -0.42, width: 0.09, height: 0.16, tone: tone(0.2), paired: false },
  ];
  const marks = chance.whole(4);
  for (let i = 0; i < marks; i++) {
    const size = chance.between(0.03, 0.075);
    const x = chance.between(-0.75, 0.75), y = chance.between(-0.75, 0.95);
    spots.push({ x, y, width: size, height: size, tone: 0.45, paired: false });
  }
  return spots;
}

function eyesOf(chance: Chance): EyeTraits {
  return {
    x: chance.between(0.37, 0.49),
    y: chance.between(-0.36, -0.14),
    width: chance.between(0.14, 0.22),
    open: chance.between(0.055, 0.115),
    tilt: chance.between(-0.2, 0.25),
    iris: chance.between(0.07, 0.1),
    colour: mix(chance.pick(irises), chance.pick(irises), chance.next()),
    lid: chance.between(0.015, 0.05),
  };
}

function browsOf(chance: Chance): BrowTraits {
  return {
    gap: chance.between(0.15, 0.29),
    thickness: chance.between(0.025, 0.085),
    length: chance.between(0.19, 0.3),
    tilt: chance.between(-0.25, 0.25),
    arch: chance.between(0, 0.09),
  };
}

function noseOf(chance: Chance): NoseTraits {
  return {
    y: chance.between(0.16, 0.36),
    width: chance.between(0.12, 0.26),
    bridge: chance.between(0.04, 0.1),
    depth: chance.between(0.22, 0.38),
    shadow: chance.between(0.12, 0.45),
  };
}

function mouthOf(chance: Chance, skin: Colour): MouthTraits {
  const lips: Colour = [skin[0] * 0.82, skin[1] * 0.55, skin[2] * 0.55];
  return {
    y: chance.between(0.58, 0.8),
    width: chance.between(0.24, 0.42),
    upper: chance.between(0.025, 0.08),
    lower: chance.between(0.035, 0.11),
    colour: mix(lips, [170, 50, 60], chance.between(0, 0.6)),
  };
}

function hairOf(chance: Chance): HairTraits {
  const colour = mix(chance.pick(hairs), chance.pick(hairs), chance.between(0, 0.4));
  const style = chance.pick(
    ["bald", "short", "short", "fringe", "parted", "parted", "long"] as const,
  );
  return {
    style,
    colour,
    line: style === "fringe" ? chance.between(-0.74, -0.5) : chance.between(-1, -0.66),
    line_side: chance.between(-0.8, -0.3),
    part: chance.between(-0.8, 0.8),
    volume: chance.between(0.04, 0.26),
    length: style === "long" ? chance.between(0.7, 1.9) : chance.between(-0.2, 0.2),
  };
}

function beardOf(chance: Chance, hair: Colour): BeardTraits {
  const grown = chance.next();
  const strength = chance.between(0.35, 0.9);
  return {
    cheeks: grown < 0.18 ? strength : 0,
    chin: grown < 0.28 ? strength : 0,
    moustache: grown < 0.22 || grown > 0.93 ? strength : 0,
    colour: [hair[0] * 0.8, hair[1] * 0.8, hair[2] * 0.8],
  };
}

function glassesOf(chance: Chance): GlassesTraits | undefined {
  if (!chance.happens(0.25)) return undefined;
  return {
    colour: chance.happens(0.6) ? [30, 28, 32] : anyColour(chance, 20, 180),
    width: chance.between(0.24, 0.34),
    height: chance.between(0.15, 0.26),
    rim: chance.between(0.025, 0.06),
    square: chance.happens(0.5),
  };
}

/** A colour between two others. */
export function mix(first: Colour, second: Colour, share: number): Colour {
  const at = (channel: 0 | 1 | 2) => first[channel] + (second[channel] - first[channel]) * share;
  return [at(0), at(1), at(2)];
}

/** Any colour with channels between two levels. */
export function anyColour(chance: Chance, low: number, high: number): Colour {
  return [chance.between(low, high), chance.between(low, high), chance.between(low, high)];
}
