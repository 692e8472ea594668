/**
 * The plan of the house: which room a file belongs to, which rooms it may import, and where the
 * world itself (Deno, clock, chance) may be touched. The lint plugin holds every file against it.
 */

/** Rooms from the ground up; each may import those that it names, and itself. */
const below = {
  hardware: [],
  wasm: [],
  actors: [],
  "runtime ground": ["hardware", "wasm", "actors"],
  "runtime/journal": ["runtime ground"],
  "runtime/engine": ["runtime/journal"],
  "runtime/counter": ["runtime/engine"],
  "runtime/intake": ["runtime/counter"],
  "runtime/perception": ["runtime/engine"],
  "runtime/tracking": ["runtime/engine"],
  "runtime/aisle": ["runtime/tracking"],
  "runtime/sync": ["runtime/engine"],
  "runtime/content": ["runtime/engine"],
  "runtime/http": ["runtime/counter", "runtime/content", "runtime/aisle"],
  "runtime/gateway": [
    "runtime/intake",
    "runtime/perception",
    "runtime/tracking",
    "runtime/aisle",
    "runtime/sync",
    "runtime/http",
  ],
  "runtime/real": ["runtime ground"],
  "runtime/main": ["runtime/gateway", "runtime/real"],
  "runtime/sim": ["runtime/gateway"],
  deploy: ["runtime/main", "runtime/sim"],
} as const;

export type Room = keyof typeof below;

const groundOfRuntime = ["errors", "limits", "money", "config", "world", "vault"];

/** The room of a file, by its path from the top of the repository; undefined for files outside. */
export function roomOf(path: string): Room | undefined {
  const [top, next = ""] = path.split("/");
  if (top !== "runtime") return top !== undefined && top in below ? top as Room : undefined;
  const name = next.replace(/(_test)?\.ts$/, "");
  if (groundOfRuntime.includes(name)) return "runtime ground";
  const room = `runtime/${name}`;
  return room in below ? room as Room : undefined;
}

/** The room for whose sake a file imports: a test inside runtime may join its rooms, as a gateway
 * does. */
export function standpointOf(path: string): Room | undefined {
  const room = roomOf(path);
  const joins = isTest(path) && room?.startsWith("runtime") && room !== "runtime/sim";
  return joins ? "runtime/main" : room;
}

/** True when a file of the first room may import one of the second. */
export function mayImport(from: Room, to: Room): boolean {
  if (from === to) return true;
  return below[from].some((room) => mayImport(room, to));
}

/** Type-only imports against the arrows, each with its reason. */
const exceptions: readonly { readonly from: string; readonly to: string }[] = [
  // The world hands the journal to the gateway, and the journal's port stands in its own room.
  { from: "runtime/world.ts", to: "runtime/journal/journal.ts" },
];

export function isException(from: string, to: string): boolean {
  return exceptions.some((exception) => exception.from === from && exception.to === to);
}

/** Tests, and what only tests import: exempt from the bans, not from the arrows. */
export function isTest(path: string): boolean {
  return /_(test|suite|fixture)\.tsx?$/.test(path) || /(^|\/)testing(\.ts$|\/)/.test(path);
}

/** Programs for shoppers and payment providers: in `deploy`, and under the same bans as the
 * core. */
const portable = ["deploy/issuer/", "deploy/retailer/", "deploy/phone/"];
const isPortable = (path: string) =>
  portable.some((folder) => path.startsWith(folder)) && !path.endsWith("/main.ts");

/** Files of the core that carry the real world in, each with its reason. */
const doors = [
  /** Arguments, signals, and the ports of the real world. */
  "runtime/main.ts",
  /** The listening socket. */
  "runtime/http/listen.ts",
  /** Starting a Worker with no permissions. */
  "runtime/perception/spawn.ts",
];

/** Where `Deno` and the machine behind it may be named. */
export function mayTouchMachine(path: string): boolean {
  if (isTest(path) || doors.includes(path)) return true;
  if (path.startsWith("hardware/")) return true;
  // Keeps a count beside the journal that SQLite cannot keep for itself.
  if (path === "runtime/journal/witness.ts") return true;
  // Makes the file of a journal before SQLite does, for its user alone.
  if (path === "runtime/journal/private_file.ts") return true;
  // Brings the issuer's log onto the disk beside the loop, which SQLite cannot.
  if (path === "deploy/issuer/store/log_sync.ts") return true;
  // Reads the kernels that lie beside it.
  if (path === "wasm/kernels.ts") return true;
  return path.startsWith("deploy/") && !isPortable(path);
}

/** Where clock, chance and timers of the machine may be used. */
export function mayTouchTime(path: string): boolean {
  if (isTest(path) || doors.includes(path)) return true;
  // The clock and the chance that the others are handed.
  if (path === "runtime/real.ts") return true;
  // The vault of the real world takes its chance from the machine; the simulated one is handed it.
  if (path === "runtime/vault/node.ts") return true;
  // Scripts of pages run in a browser, which has no other clock.
  if (/\/pages\/[^/]+\.js$/.test(path)) return true;
  if (path.startsWith("hardware/")) return !path.startsWith("hardware/simulated/");
  return path.startsWith("deploy/") && !isPortable(path);
}
