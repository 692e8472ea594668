/**
 * Power cuts: a machine that writes a journal is taken its power in the middle, and booted again
 * with the same disk. Whatever it had acknowledged before must be there, and nothing half done.
 */
import { boot, makeDisk } from "./machine.ts";

export interface JournalOptions {
  readonly built: string;
  readonly cuts: number;
  readonly print: (line: string) => void;
}

/** Commits that are acknowledged before a cut, at the least and the most. */
const soonest = 20;
const latest = 300;
const limit_s = 300;

const user = "setpriv --reuid=saunter --regid=saunter --init-groups --reset-env";
const program = "deploy/lab/journal_load.ts";
const ordersFor = (seed: number, more: boolean) =>
  [
    "set -e",
    "mkdir -p /disk",
    "mount -t ext4 /dev/vda /disk",
    "chown saunter:saunter /disk",
    `${user} env DENO_DIR=/deno HOME=/tmp deno run --quiet --no-check --cached-only --no-prompt ` +
    "--allow-read --allow-write=/disk " +
    `${program} /disk/gateway.sqlite ${seed} ${more ? "more" : "enough"}`,
    "umount /disk",
  ].join("\n");

/** What one life of the machine said. */
interface Life {
  /** Commits that were found at its beginning; -1 where it did not come so far. */
  readonly weighed: number;
  readonly acknowledged: number;
  /** It was cut off as planned, or ended well. */
  readonly sound: boolean;
}

/** One boot, cut off after so many commits, or left to end after the weighing. */
async function live(
  { built, print }: JournalOptions,
  disk: string,
  seed: number,
  cut_after: number | undefined,
): Promise<Life> {
  let weighed = -1;
  let acknowledged = 0;
  let left = cut_after ?? Infinity;
  let cut = () => {};
  const machine = await boot({
    built,
    orders: ordersFor(seed, cut_after !== undefined),
    disk,
    bare: true,
    limit_s,
    heard(line) {
      const [, word, number] = /^(weighed|acknowledged) (\d+)$/.exec(line) ?? [];
      if (word === "weighed") weighed = Number(number);
      else if (word === undefined) {
        if (left > 0) print(line);
      } else {
        // What was said before the power went is as good as what was said long before.
        acknowledged = Number(number);
        if (--left === 0) cut();
      }
    },
  });
  cut = () => machine.cut();
  const status = await machine.ended;
  return { weighed, acknowledged, sound: cut_after === undefined ? status === 0 : left <= 0 };
}

/** How many of the boots found everything, and how many did not. */
export async function journalCuts(
  options: JournalOptions,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const { cuts, print } = options;
  const seed = Math.floor(Math.random() * 2 ** 31);
  const disk = await makeDisk();
  let acknowledged = 0;
  try {
    for (let round = 0; round <= cuts; round++) {
      const cut_after = soonest + Math.floor(Math.random() * (latest - soonest));
      const life = await live(options, disk.path, seed, round < cuts ? cut_after : undefined);
      print(`boot ${round + 1}: ${life.weighed} commits there, ${acknowledged} acknowledged`);
      if (!life.sound || life.weighed < acknowledged) {
        print(`seed ${seed} failed after ${round} cuts`);
        return { passed: round, failed: 1 };
      }
      acknowledged = life.acknowledged;
    }
    return { passed: cuts + 1, failed: 0 };
  } finally {
    await disk.remove();
  }
}
