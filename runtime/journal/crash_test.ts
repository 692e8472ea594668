/**
 * What a crash or a bad disk may leave of the journal, by chance: it opens as a prefix of its
 * commits that has every acknowledged one, or it is refused in so many words; never as anything
 * else. `deno task crash` weighs many more images than the suite does.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import { RuntimeError } from "../errors.ts";
import { limits } from "../limits.ts";
import { oneLine } from "./journal_suite.ts";
import { openSqliteJournal } from "./sqlite.ts";
import { copyImage, prefix, type Run, runLoad, sayings, suffixes } from "./testing/load.ts";

const [count = "60", seed = "1"] = Deno.args;
const images = Number(count);
const commits = 24;
const { page_bytes } = limits;

/** How many commits the image holds; undefined when it was refused. Fails when it holds anything
 * but a prefix, or takes the next commit and holds anything but the next prefix. */
function weigh(run: Run, path: string): number | undefined {
  const { batches, addresses } = run;
  const ends = [0, ...batches.map((_, at) => prefix(batches, at + 1).head.position)];
  let journal;
  try {
    journal = openSqliteJournal(path);
    const found = ends.indexOf(journal.head.position);
    const expected = prefix(batches, found);
    const told = sayings(journal, addresses);
    assert.deepEqual(told, sayings(expected, addresses));
    const next = batches[found];
    if (next) {
      expected.commit(next);
      journal.commit(next);
      assert.deepEqual(sayings(journal, addresses), sayings(expected, addresses));
    }
    return found;
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    assert.ok(refusals.includes(error.kind), `${error.kind}: ${error.message}`);
    assert.ok(oneLine(error) && error.message.includes(path), error.message);
    return undefined;
  } finally {
    journal?.close();
  }
}

/** The second: the bit that turned was one of those by which a file of this kind is known. */
const refusals: readonly string[] = ["data_corrupt", "data_version"];

/** Does something to an image and says how many commits it must hold at least, and whether it may
 * be refused. */
type Harm = (run: Run, to: string, chance: Chance) => { atLeast: number; mayRefuse: boolean };

const bytesOf = (path: string) => existsSync(path) ? readFileSync(path) : new Uint8Array();

/** Some commit's image, copied. */
function anyImage({ images }: Run, to: string, chance: Chance): number {
  const image = chance.pick(images);
  copyImage(image.path, to);
  return image.commits;
}

/** The files that are there and hold something. */
function filesOf(to: string): string[] {
  return suffixes.map((suffix) => to + suffix).filter((path) => bytesOf(path).length > 0);
}

function turnBits(path: string, chance: Chance, from = 0): void {
  const bytes = bytesOf(path);
  for (let bits = 1 + chance.whole(3); bits > 0; bits--) {
    const at = from + chance.whole(bytes.length - from);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(8));
  }
  writeFileSync(path, bytes);
}

/** An image of the moment in which the last commit was under way: not yet acknowledged. */
function underWay(run: Run, to: string, chance: Chance): { before: number; from: number } {
  const inOneWal = run.images.filter(({ commits }) =>
    commits > 0 && commits !== run.moved.commits + 1
  );
  const image = chance.pick(inOneWal);
  const last = run.images[image.commits - 1]!;
  copyImage(image.path, to);
  writeFileSync(`${to}-acked`, bytesOf(`${last.path}-acked`));
  return { before: last.commits, from: bytesOf(`${last.path}-wal`).length };
}

const harms: Readonly<Record<string, Harm>> = {
  "killed between two commits": (run, to, chance) => ({
    atLeast: anyImage(run, to, chance),
    mayRefuse: false,
  }),
  "killed in a commit, whose end is not on the disk": (run, to, chance) => {
    const { before, from } = underWay(run, to, chance);
    const end = bytesOf(`${to}-wal`).length;
    truncateSync(`${to}-wal`, from + chance.whole(end - from + 1));
    return { atLeast: before, mayRefuse: false };
  },
  "killed in a commit, some of which is not on the disk": (run, to, chance) => {
    const { before, from } = underWay(run, to, chance);
    const bytes = bytesOf(`${to}-wal`);
    for (let at = from; at < bytes.length; at += 512) {
      if (chance.happens(0.3)) bytes.fill(0, at, Math.min(bytes.length, at + 512));
    }
    writeFileSync(`${to}-wal`, bytes);
    return { atLeast: before, mayRefuse: false };
  },
  "killed while the WAL went into the database": (run, to, chance) => {
    const before = run.images[run.moved.commits]!;
    copyImage(before.path, to);
    const old = bytesOf(to);
    const mixed = Uint8Array.from(bytesOf(run.moved.path));
    for (let at = 0; at < mixed.length; at += page_bytes) {
      if (chance.happens(0.5)) mixed.set(old.subarray(at, at + page_bytes), at);
    }
    writeFileSync(to, mixed);
    return { atLeast: before.commits, mayRefuse: false };
  },
  "a file cut short": (run, to, chance) => {
    const atLeast = anyImage(run, to, chance);
    const path = chance.pick(filesOf(to));
    truncateSync(path, chance.whole(bytesOf(path).length));
    return { atLeast, mayRefuse: true };
  },
  "bits turned in the database": (run, to, chance) => {
    copyImage(run.moved.path, to);
    turnBits(to, chance);
    return { atLeast: run.moved.commits, mayRefuse: true };
  },
  "bits turned in any file": (run, to, chance) => {
    const atLeast = anyImage(run, to, chance);
    turnBits(chance.pick(filesOf(to)), chance);
    return { atLeast, mayRefuse: true };
  },
  "the WAL gone": (run, to, chance) => {
    const atLeast = anyImage(run, to, chance);
    rmSync(`${to}-wal`, { force: true });
    return { atLeast, mayRefuse: true };
  },
  "the database of another day beside this WAL": (run, to, chance) => {
    const atLeast = anyImage(run, to, chance);
    writeFileSync(to, bytesOf(chance.pick(run.images).path));
    return { atLeast, mayRefuse: true };
  },
};

Deno.test(`${images} images of a crash open whole, or not at all`, () => {
  const folder = Deno.makeTempDirSync({ prefix: "crash" });
  const told = { opened: 0, refused: 0 };
  try {
    const names = Object.keys(harms);
    let run: Run | undefined;
    for (let image = 0; image < images; image++) {
      const chance = chanceOf(`crash/${seed}/${image}`);
      const set = join(folder, "load");
      if (!run || image % 200 === 0) {
        rmSync(set, { recursive: true, force: true });
        Deno.mkdirSync(set);
        run = runLoad(set, chanceOf(`load/${seed}/${image}`), commits);
      }
      const name = names[image % names.length] ?? "";
      const to = join(folder, "image");
      for (const suffix of suffixes) rmSync(to + suffix, { force: true });
      const { atLeast, mayRefuse } = harms[name]!(run, to, chance);
      const which = `image ${image} of seed ${seed}: ${name}`;
      let found: number | undefined;
      try {
        found = weigh(run, to);
      } catch (error) {
        throw new Error(`${which}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      }
      if (found === undefined) assert.ok(mayRefuse, `${which} was refused`);
      else assert.ok(found >= atLeast, `${which} holds ${found} commits of ${atLeast}`);
      told[found === undefined ? "refused" : "opened"]++;
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  assert.ok(told.opened > 0 && told.refused > 0, JSON.stringify(told));
  if (Deno.args.length > 0) console.log(JSON.stringify({ seed, images, ...told }));
});
