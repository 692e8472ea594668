/**
 * How good the drawn models are, on people and scenes that training never saw, through the
 * functions that lanes use.
 */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { DrawnFace } from "../../hardware/simulated/scene.ts";
import { type Face, intersectionOverUnion } from "../../runtime/perception/detect.ts";
import { decodeYunet } from "../../runtime/perception/yunet.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { cosine, middle, normalised } from "../../runtime/perception/embed.ts";
import { crowdScene, photograph } from "./crowd.ts";
import { faceTensor, pictureTensor } from "./desk.ts";
import { strides } from "./detector_graph.ts";
import { detector_input } from "./detector.ts";
import { embedder_input, runCrops } from "./embedder.ts";
import { side } from "./embedder_graph.ts";
import type { Model } from "./session.ts";

/** The faces that a detector finds in a picture, strongest first. */
export async function detect(model: Model, picture: Picture, threshold: number): Promise<Face[]> {
  const width = Math.ceil(picture.width / 32) * 32, height = Math.ceil(picture.height / 32) * 32;
  const values = pictureTensor(picture, { width, height }, detector_input);
  const said = await model.run({ input: { shape: [1, 3, height, width], values } });
  const grids = strides.map((stride) => ({
    stride,
    cls: said[`cls_${stride}`]!.values,
    obj: said[`obj_${stride}`]!.values,
    bbox: said[`bbox_${stride}`]!.values,
    kps: said[`kps_${stride}`]!.values,
  }));
  return decodeYunet(grids, { canvas: { width, height }, scale: 1, threshold, most: 16 });
}

/** What a detector makes of held-out pictures. */
export interface DetectorFigures {
  readonly pictures: number;
  readonly faces: number;
  readonly recall: number;
  readonly false_positives_per_picture: number;
  /** Mean distance of a landmark from the truth, as a share of the face's width. */
  readonly landmark_error: number;
}

/** Looks at scenes with none to three people, 40 to 110 pixels wide, in 320 x 240. */
export async function evaluateDetector(
  model: Model,
  threshold: number,
  pictures: number,
  name = "held-out",
): Promise<DetectorFigures> {
  const chance = chanceOf(`evaluate/${name}`);
  let faces = 0, found = 0, invented = 0, distance = 0;
  for (let i = 0; i < pictures; i++) {
    const identities = Array.from({ length: chance.whole(4) }, () => chance.whole(1_000_000_000));
    const options = { width: 320, height: 240, identities, size: [40, 110] as const };
    const taken = photograph(crowdScene(`evaluate/${name}/${i}`, options));
    const detected = await detect(model, taken.picture, threshold);
    const left = new Set(detected);
    for (const face of taken.faces) {
      faces++;
      const match = bestMatch(left, face);
      if (match === undefined) continue;
      left.delete(match);
      found++;
      distance += landmarkError(match, face);
    }
    invented += left.size;
  }
  return {
    pictures,
    faces,
    recall: found / faces,
    false_positives_per_picture: invented / pictures,
    landmark_error: distance / found,
  };
}

/** The detection that lies on a drawn face: at least half of both in common. */
function bestMatch(detected: Iterable<Face>, face: DrawnFace): Face | undefined {
  for (const one of detected) {
    if (intersectionOverUnion(one.box, face.box) >= 0.5) return one;
  }
  return undefined;
}

function landmarkError(found: Face, face: DrawnFace): number {
  let sum = 0;
  for (let i = 0; i < 5; i++) {
    const [a, b] = [found.landmarks[i]!, face.landmarks[i]!];
    sum += Math.hypot(a.x - b.x, a.y - b.y);
  }
  return sum / 5 / face.box.width;
}

/** What an embedder makes of people it never saw, found by the detector. */
export interface EmbedderFigures {
  readonly people: number;
  /** Pictures in which the detector found the face, and those in which it did not. */
  readonly pictures: number;
  readonly unseen: number;
  /** Share of wrong decisions on pairs of pictures where both kinds are as frequent. */
  readonly equal_error: number;
  /** Share of probes whose likest template, of three pictures each, is their own. */
  readonly first_rank: number;
  /** Cosine that one in ten thousand pairs of different people's pictures reaches. */
  readonly threshold: number;
  /** Share of one person's pairs below that. */
  readonly missed_at_threshold: number;
  /** Share of probes below it against their own template. */
  readonly probes_missed: number;
}

/** How a person's pictures are held: three make the template, the others are probes. */
const enrolled = 3;

export async function evaluateEmbedder(
  detector: Model,
  embedder: Model,
  options: { readonly people: number; readonly pictures_each: number; readonly score: number },
): Promise<EmbedderFigures> {
  const people: Float32Array[][] = [];
  let unseen = 0;
  for (let person = 0; person < options.people; person++) {
    const crops: Float32Array[] = [];
    for (let i = 0; i < options.pictures_each; i++) {
      const crop = await heldOutCrop(detector, person, i, options.score);
      if (crop === undefined) unseen++;
      else crops.push(crop);
    }
    const embeddings = await runCrops(embedder, crops, "embedding");
    people.push(embeddings.map(normalised));
  }
  const { own, others } = pairsOf(people);
  const threshold = others[Math.max(0, others.length - 1 - Math.floor(others.length * 1e-4))]!;
  const { first_rank, scores } = ranksOf(people);
  return {
    people: options.people,
    pictures: people.flat().length,
    unseen,
    equal_error: equalError(own, others),
    first_rank,
    threshold,
    missed_at_threshold: below(own, threshold) / own.length,
    probes_missed: scores.filter((score) => score < threshold).length / scores.length,
  };
}

async function heldOutCrop(detector: Model, person: number, index: number, score: number) {
  const scene = crowdScene(`evaluate/embedder/${person}/${index}`, {
    width: 320,
    height: 240,
    identities: [1_000_000_000 + person],
    size: [40, 110],
  });
  const { picture, faces: [face] } = photograph(scene);
  const found = bestMatch(await detect(detector, picture, score), face!);
  return found && faceTensor(picture, found.landmarks, side, embedder_input);
}

/** Cosines of all pairs of pictures: of one person, and of two, each ascending. */
function pairsOf(people: readonly (readonly Float32Array[])[]) {
  const own: number[] = [], others: number[] = [];
  const all = people.flatMap((pictures, person) => pictures.map((one) => ({ one, person })));
  for (const [at, first] of all.entries()) {
    for (const second of all.slice(at + 1)) {
      (first.person === second.person ? own : others).push(cosine(first.one, second.one));
    }
  }
  const ascending = (values: number[]) => Float64Array.from(values).sort();
  return { own: ascending(own), others: ascending(others) };
}

/** How many of ascending values are below a limit. */
function below(ascending: Float64Array, limit: number): number {
  const at = ascending.findIndex((value) => value >= limit);
  return at < 0 ? ascending.length : at;
}

function equalError(own: Float64Array, others: Float64Array): number {
  let missed = 0, at = 0;
  for (; missed < own.length; missed++) {
    while (at < others.length && others[at]! < own[missed]!) at++;
    const false_matches = (others.length - at) / others.length;
    if (missed / own.length >= false_matches) return (missed / own.length + false_matches) / 2;
  }
  return 0;
}

function ranksOf(people: readonly (readonly Float32Array[])[]) {
  const templates = people.map((pictures) => middle(pictures.slice(0, enrolled)));
  let right = 0;
  const scores: number[] = [];
  people.forEach((pictures, person) => {
    for (const probe of pictures.slice(enrolled)) {
      const cosines = templates.map((template) => cosine(probe, template));
      scores.push(cosines[person]!);
      if (Math.max(...cosines) === cosines[person]) right++;
    }
  });
  return { first_rank: right / scores.length, scores };
}
