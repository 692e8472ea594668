/**
 * Who, or what, is put before a till's camera: somebody alive, or the picture of somebody, held in
 * the ways that thieves hold pictures. Drawn, so what a detector is worth on them is worth it on
 * drawings only. Nothing here knows by which signs a detector goes.
 */
import type { Canvas } from "./canvas.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { companyOf } from "./company.ts";
import { drift } from "./drift.ts";
import { Hands, Mover, type Side } from "./movement.ts";
import { drawScene, type Person, type Picture, type Scene } from "./scene.ts";
import { drawSheet, type Held, type Ink, type Print } from "./sheet.ts";

export type { Side } from "./movement.ts";

export const attackKinds = [
  "static_picture",
  "moved_picture",
  "cut_out",
  "screen_replay",
  "fixed_screen",
] as const;
export type AttackKind = typeof attackKinds[number];

const width = 320, height = 240;
/** Bodies seen so near are drawn at this depth of the scene. */
const face_px = [70, 92] as const;

/** What is drawn of an instant. */
interface Moment {
  readonly people: readonly Person[];
  readonly held?: (canvas: Canvas) => void;
}

/** What is done before the camera. */
interface Act {
  readonly moment: (at_ms: number) => Moment;
  readonly ask: Presentation["ask"];
}

/** What else is before the camera. */
export interface Scenery {
  /** Others wait behind, and walk past. */
  readonly company?: boolean;
}

/** One try to be taken for somebody. */
export interface Presentation {
  /** Asks whoever stands there to turn the head. */
  ask(side: Side, at_ms: number): void;
  /** The camera's picture at an instant; times only grow. */
  draw(at_ms: number, sequence: number): Picture;
}

/** Somebody alive, who does as asked if they can. The same seed is the same person and manner. */
export function alive(seed: string, identity: number, scenery: Scenery = {}): Presentation {
  const chance = chanceOf(`alive/${seed}`);
  const mover = new Mover(chance.fork("mover"));
  const person = standing(chance, identity);
  const act: Act = {
    moment: (at_ms) => ({ people: [mover.moved(person, at_ms)] }),
    ask: (side, at_ms) => mover.ask(side, at_ms, chance),
  };
  return before(chance, act, scenery);
}

/** A thief who would be taken for `victim` with what `kind` says. */
export function attack(
  kind: AttackKind,
  seed: string,
  people: { readonly victim: number; readonly thief: number },
  scenery: Scenery = {},
): Presentation {
  const chance = chanceOf(`${kind}/${seed}`);
  return before(chance, makers[kind](chance, people.victim, people.thief), scenery);
}

const makers: Readonly<
  Record<AttackKind, (chance: Chance, victim: number, thief: number) => Act>
> = {
  /** On a stand, in a frame: nothing about it moves. */
  static_picture(chance, victim) {
    const print = printOf(chance, victim);
    const pose = { ...standing(chance, victim), roll: chance.between(-3, 3) };
    const held = { ...paperOf(chance), pose };
    const draw = (canvas: Canvas) => drawSheet(canvas, print, held);
    return { moment: () => ({ people: [], held: draw }), ask: () => {} };
  },

  /** In two hands: shifted, tilted, brought nearer, and turned when a turn is asked for. */
  moved_picture(chance, victim) {
    const print = printOf(chance, victim);
    const paper = paperOf(chance);
    const place = standing(chance, victim);
    const hands = new Hands(chance.fork("hands"), chance.between(4, 20));
    const draw = (at_ms: number) => (canvas: Canvas) =>
      drawSheet(canvas, print, { ...paper, pose: hands.moved(place, at_ms) });
    return {
      moment: (at_ms) => ({ people: [], held: draw(at_ms) }),
      ask: (side, at_ms) => hands.ask(side, at_ms, chance.between(18, 42)),
    };
  },

  /** Cut along the face, bent, and worn before the thief's own, whose neck and shoulders are
   * alive. */
  cut_out(chance, victim, thief) {
    const print = printOf(chance, victim);
    const mover = new Mover(chance.fork("mover"));
    const person = standing(chance, thief);
    const bend = chance.happens(0.3) ? {} : { bend_radius: chance.between(1, 2.4) };
    const mask = { half_width: 1.02, half_height: 1.34, cut: "oval", ...bend } as const;
    const moment = (at_ms: number): Moment => {
      const now = mover.moved(person, at_ms);
      const pose = { ...now, size: person.size * 1.02 };
      return { people: [now], held: (canvas) => drawSheet(canvas, print, { ...mask, pose }) };
    };
    return { moment, ask: (side, at_ms) => mover.ask(side, at_ms, chance) };
  },

  /** A film of the victim on a screen in the thief's hand. */
  screen_replay(chance, victim) {
    const hands = new Hands(chance.fork("hands"), chance.between(0.5, 4));
    return film(chance, victim, (place, at_ms) => hands.moved(place, at_ms));
  },

  /** The same on a screen that stands still. */
  fixed_screen(chance, victim) {
    const turned = { yaw: chance.between(-4, 4), pitch: chance.between(-4, 4) };
    return film(chance, victim, (place) => ({ ...place, ...turned }));
  },
};

/** A film of the victim, who looks about in it; the thief starts another scene when something is
 * asked for. */
function film(
  chance: Chance,
  victim: number,
  hold: (place: Person, at_ms: number) => Held["pose"],
): Act {
  const actor = new Mover(chance.fork("film"));
  const filmed = { ...standing(chance, victim), x: 160, y: 125, size: 110 };
  const place = standing(chance, victim);
  const screen = screenOf(chance.fork("screen"));
  for (let at_ms = chance.between(0, 3_000); at_ms < 60_000;) {
    actor.ask(chance.pick(["left", "right"]), at_ms, chance);
    at_ms += chance.between(2_500, 6_000);
  }
  const background_seed = chance.whole(2 ** 31);
  const draw = (at_ms: number) => (canvas: Canvas) => {
    const scene = { ...filmScene(background_seed), people: [actor.moved(filmed, at_ms)] };
    const print = { picture: drawScene(scene), x: filmed.x, y: filmed.y, unit: filmed.size / 2 };
    drawSheet(canvas, print, { ...screen(at_ms), pose: hold(place, at_ms) });
  };
  return {
    moment: (at_ms) => ({ people: [], held: draw(at_ms) }),
    ask: (_, at_ms) => actor.ask(chance.pick(["left", "right"]), at_ms, chance),
  };
}

/** A place at the till for one person. */
function standing(chance: Chance, identity: number): Person {
  return {
    identity,
    x: 160 + chance.between(-25, 25),
    y: 120 + chance.between(-12, 12),
    size: chance.between(...face_px),
    yaw: chance.between(-5, 5),
    pitch: chance.between(-3, 4),
    roll: chance.between(-3, 3),
    expression: 0.15,
  };
}

/** The shop around it, who else is there, its light and its camera. */
function before(chance: Chance, { moment, ask }: Act, { company }: Scenery): Presentation {
  const others = company
    ? companyOf(chance.fork("company"), { x: width / 2, y: height / 2 })
    : () => [];
  const shop = chance.fork("shop");
  const background_seed = shop.whole(2 ** 31);
  const level = shop.between(0.85, 1.1), side = shop.between(-0.4, 0.4);
  const brightness = drift(shop.fork("level"), 40_000);
  const noise = shop.between(1.5, 4), warmth = shop.between(-0.4, 0.5);
  return {
    ask,
    draw(at_ms, sequence) {
      const { people, held } = moment(at_ms);
      const frame = shop.fork(`frame/${sequence}`);
      const scene: Scene = {
        width,
        height,
        background_seed,
        light: { level: level + 0.05 * brightness(at_ms) + frame.normal(0, 0.006), side, warmth },
        noise,
        noise_seed: frame.whole(2 ** 31),
        people: [...others(at_ms), ...people],
      };
      return drawScene(scene, undefined, held);
    },
  };
}

/** How a film or a photograph was taken: some other room, good light, no noise to speak of. */
function filmScene(background_seed: number): Scene {
  return {
    width,
    height: 250,
    background_seed,
    light: { level: 1, side: 0.1, warmth: 0.1 },
    noise: 0.8,
    noise_seed: background_seed,
    people: [],
  };
}

/** A good photograph of somebody, printed. */
function printOf(chance: Chance, identity: number): Print {
  const person = { ...standing(chance, identity), x: 160, y: 125, size: 110 };
  const scene = { ...filmScene(chance.whole(2 ** 31)), people: [person] };
  return { picture: drawScene(scene), x: person.x, y: person.y, unit: person.size / 2 };
}

/** Printing loses contrast, and paper is not quite white. */
function paperOf(chance: Chance): Omit<Held, "pose"> {
  const black = chance.between(8, 24), white = chance.between(225, 248);
  const ink: Ink = (colour) => {
    for (let i = 0; i < 3; i++) colour[i] = black + colour[i]! * (white - black) / 255;
  };
  return { half_width: 1.7, half_height: 2, cut: "rectangle", ink };
}

/** A screen's own light: its gamma, its grey black, its grid of dots that beats against the
 * camera's, and the bands of its refresh. */
function screenOf(chance: Chance): (at_ms: number) => Omit<Held, "pose"> {
  const gamma = chance.between(0.8, 1.3), black = chance.between(8, 28);
  const dots = chance.between(60, 140), grid = chance.between(0.01, 0.06);
  const band = chance.between(0.01, 0.06), beat_hz = chance.between(0.3, 9);
  return (at_ms) => ({
    half_width: 2.1,
    half_height: 1.9,
    cut: "rectangle",
    ink(colour, u, v) {
      const moire = 1 + grid * Math.sin(dots * u) * Math.sin(dots * v);
      const bright = 1 + band * Math.sin(1.4 * v + 2 * Math.PI * beat_hz * at_ms / 1_000);
      for (let i = 0; i < 3; i++) {
        const shown = 255 * (colour[i]! / 255) ** gamma;
        colour[i] = (black + shown * (250 - black) / 255) * moire * bright * (i === 2 ? 1.04 : 1);
      }
    },
  });
}
