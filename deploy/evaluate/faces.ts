/**
 * From pictures to embeddings, through the very functions that lanes use: find the largest face,
 * align it, embed it. What is measured afterwards is what a store would get.
 */
import { listPeople, readPicture } from "../../hardware/recorded/folder.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import type { Networks } from "../../runtime/perception/networks.ts";
import { qualityOf } from "../../runtime/perception/quality.ts";

/** Somebody, and the embedding of each of their pictures in which a face was found. */
export interface Somebody {
  readonly person: string;
  readonly probes: readonly Float32Array[];
}

/** Everybody who was looked at. */
export interface People {
  readonly people: readonly Somebody[];
  readonly pictures: number;
  /** Pictures in which no face was found, by name. */
  readonly missed: readonly string[];
  /** Faces that a lane would not compare, since they are too small, blurred, dark or turned.
   * They are compared here all the same. */
  readonly unfit: number;
}

/** A face as an embedding, and whether a lane would compare it. */
export interface Seen {
  readonly probe: Float32Array;
  readonly fit: boolean;
}

/** Every face of a picture, the largest first. */
export async function embeddingsOf(
  networks: Networks,
  picture: Picture,
  most = Infinity,
): Promise<Seen[]> {
  const faces = (await networks.faces(picture)).sort((a, b) => b.box.width - a.box.width);
  const seen: Seen[] = [];
  for (const { box, landmarks } of faces.slice(0, most)) {
    const aligned = networks.aligned(landmarks);
    if (aligned === undefined) continue;
    const fit = qualityOf(box, landmarks, aligned.crop).weight > 0;
    seen.push({ probe: await networks.embed(aligned), fit });
  }
  return seen;
}

/** The largest face of a picture. */
export async function embeddingOf(
  networks: Networks,
  picture: Picture,
): Promise<Seen | undefined> {
  return (await embeddingsOf(networks, picture, 1))[0];
}

/** Embeds all pictures of a folder that holds a folder for each person. Throws `HardwareError` as
 * `listPeople` does, and for a picture that cannot be read. */
export async function lookAtFolder(networks: Networks, directory: string): Promise<People> {
  const people: Somebody[] = [];
  const missed: string[] = [];
  let pictures = 0, unfit = 0;
  for (const { person, probe: paths } of await listPeople(directory, { enrol: 0 })) {
    const probes: Float32Array[] = [];
    for (const path of paths) {
      pictures++;
      const seen = await embeddingOf(networks, await readPicture(path));
      if (seen === undefined) missed.push(path);
      else probes.push(seen.probe);
      if (seen?.fit === false) unfit++;
    }
    people.push({ person, probes });
  }
  return { people, pictures, missed, unfit };
}
