/**
 * Which cameras hold whose template. A template comes from the link, goes to the cameras of the
 * zone where the shopper checked in, and is gone from all of them when the visit ends.
 */
import { isStopped } from "../errors.ts";
import type { Eye, Log, Template } from "../world.ts";

export interface Galleries {
  /** Templates that a camera did not take: its gallery was full, or it could not. */
  readonly refused: number;
  /** A camera whose eye has opened (again): its gallery is empty. */
  open(camera: string, zone: string, eye: Eye): void;
  /**
   * Puts the template on every camera of the zone and overwrites it here. Resolves to true when at
   * least one camera holds it. A visit that was wiped while this went on stays wiped.
   */
  admit(visit: string, zone: string, template: Template): Promise<boolean>;
  /** Resolves when no camera holds a byte of the visit's template. */
  wipe(visit: string): Promise<void>;
  /** The visit has come back: it may be admitted again. True when it had been wiped. */
  reopen(visit: string): boolean;
  /** A camera's gallery was lost with its Worker. */
  lost(camera: string): void;
  /** True when every camera of the zone that has an eye holds the visit. */
  complete(visit: string, zone: string): boolean;
}

export function createGalleries(log: Log): Galleries {
  let refused = 0;
  const eyes = new Map<string, { zone: string; eye: Eye; held: Set<string> }>();
  const ended = new Set<string>();
  /** Admissions under way: a wipe is not done before they are. */
  const arriving = new Map<string, Set<Promise<unknown>>>();

  const inZone = (zone: string) => [...eyes.values()].filter((entry) => entry.zone === zone);

  async function admitTo(
    { eye, held }: { eye: Eye; held: Set<string> },
    visit: string,
    template: Template,
  ): Promise<boolean> {
    const copy = { ...template, values: template.values.slice() };
    try {
      await eye.admit(visit, copy);
      // Of a gallery that was lost meanwhile this is the set of the lost one.
      held.add(visit);
      return true;
    } catch (error) {
      // An eye that is closed says so when it opens, and everybody is asked for again.
      if (!isStopped(error)) {
        refused++;
        log("warn", "a camera did not take a template", { visit, reason: messageOf(error) });
      }
      return false;
    } finally {
      copy.values.fill(0);
    }
  }

  async function admitAll(visit: string, zone: string, template: Template): Promise<boolean> {
    const missing = inZone(zone).filter((entry) => !entry.held.has(visit));
    await Promise.all(missing.map((entry) => admitTo(entry, visit, template)));
    if (!ended.has(visit)) return inZone(zone).some((entry) => entry.held.has(visit));
    await wipeEverywhere(visit);
    return false;
  }

  /** Every camera, also those that are not known to hold it: what is not there costs nothing. */
  async function wipeEverywhere(visit: string): Promise<void> {
    await Promise.all([...eyes.values()].map(({ eye, held }) => {
      held.delete(visit);
      return eye.wipe(visit);
    }));
  }

  return {
    get refused() {
      return refused;
    },
    open: (camera, zone, eye) => void eyes.set(camera, { zone, eye, held: new Set() }),
    async admit(visit, zone, template) {
      if (ended.has(visit)) {
        template.values.fill(0);
        return false;
      }
      const admission = admitAll(visit, zone, template);
      const underWay = arriving.get(visit) ?? new Set();
      arriving.set(visit, underWay.add(admission));
      try {
        return await admission;
      } finally {
        template.values.fill(0);
        underWay.delete(admission);
        if (underWay.size === 0) arriving.delete(visit);
      }
    },
    async wipe(visit) {
      ended.add(visit);
      forgetOldest(ended);
      await wipeEverywhere(visit);
      await Promise.all(arriving.get(visit) ?? []);
    },
    reopen: (visit) => ended.delete(visit),
    lost(camera) {
      const entry = eyes.get(camera);
      if (entry) entry.held = new Set();
    },
    complete(visit, zone) {
      const entries = inZone(zone);
      return entries.length > 0 && entries.every((entry) => entry.held.has(visit));
    },
  };
}

/** Ended visits are remembered only to beat an admission that is under way: seconds, not days. */
const endedKept = 1_024;

function forgetOldest(set: Set<string>): void {
  for (const oldest of set) {
    if (set.size <= endedKept) return;
    set.delete(oldest);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
