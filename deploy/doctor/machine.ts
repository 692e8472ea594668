/** The doctor's look at the machine: disk, clock, ports, models, the issuer, and whose it is. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { Config } from "../../runtime/config.ts";
import { isReal } from "../start/needs.ts";
import { type Finding, note, reasonOf, well, wrong } from "./findings.ts";

/** The groups that open a gateway's devices. */
const groups = ["video", "audio", "dialout", "gpio"];

export async function machineFindings(config: Config): Promise<Finding[]> {
  return [
    ...userFindings(config),
    await diskFinding(config.data),
    portFinding(config),
    ...await issuerFindings(config),
    ...modelFindings(config),
  ];
}

/** Rights come with groups. */
function userFindings(config: Config): Finding[] {
  if (!isReal(config)) return [];
  if (Deno.uid() === 0) {
    const mend = "run the gateway as a user of its own; see docs/hardware.md";
    return [note("user", "root may do everything, and so may a library", mend)];
  }
  const { stdout } = new Deno.Command("id", { args: ["-nG"] }).outputSync();
  const mine = new TextDecoder().decode(stdout).trim().split(/\s+/);
  const absent = groups.filter((group) => !mine.includes(group));
  if (absent.length === 0) return [well("user", `is in the groups ${groups.join(", ")}`)];
  const mend = `usermod --append --groups ${absent.join(",")} USER, for the devices it opens`;
  return [note("user", `is not in ${absent.join(", ")}`, mend)];
}

const commits = 20;
/** No disk that turns has a commit safe sooner, and no honest flash: a write to memory is. */
const too_good_ms = 0.05;

/** Writes as the journal does, and looks how long the disk says that it takes. */
async function diskFinding(folder: string): Promise<Finding> {
  const what = `data folder ${folder}`;
  let file: string;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    file = await Deno.makeTempFile({ dir: folder, prefix: "doctor" });
  } catch (error) {
    return wrong(what, reasonOf(error), "let the gateway's user write there, or name another");
  }
  try {
    const times: number[] = [];
    const handle = await Deno.open(file, { write: true });
    for (let commit = 0; commit < commits; commit++) {
      const begun = performance.now();
      await handle.write(new Uint8Array(4_096));
      await handle.syncData();
      times.push(performance.now() - begun);
    }
    handle.close();
    const middle_ms = times.sort((a, b) => a - b)[commits / 2]!;
    const detail = `${middle_ms.toFixed(2)} ms until a commit is on the disk`;
    if (middle_ms < too_good_ms) {
      const mend = "sales would be lost with the power: use a disk that honours fsync, not tmpfs";
      return wrong(what, `${detail}, which no disk can`, mend);
    }
    return journalFinding(join(folder, "gateway.sqlite")) ?? well(what, detail);
  } finally {
    await Deno.remove(file);
  }
}

/** A journal that is there must be whole. */
function journalFinding(path: string): Finding | undefined {
  try {
    Deno.statSync(path);
  } catch {
    return undefined;
  }
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    const check = database.prepare("PRAGMA quick_check").get()?.["quick_check"];
    if (check === "ok") return undefined;
    return wrong(path, String(check), "put a backup in its place");
  } catch (error) {
    return wrong(path, reasonOf(error), "put a backup in its place, or look who may read it");
  }
}

function portFinding({ http: { host, port } }: Config): Finding {
  const what = `port ${port}`;
  try {
    Deno.listen({ hostname: host, port }).close();
    return well(what, `free on ${host}`);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      return note(what, "in use", "if it is not this gateway, set another http.port");
    }
    return wrong(what, reasonOf(error), `set http.host to an address of this machine`);
  }
}

const patience_ms = 5_000;
/** Signed requests are refused beyond a minute; half of that leaves none for the road. */
const clock_off_ms = 20_000;

async function issuerFindings(config: Config): Promise<Finding[]> {
  const { url } = config.issuer;
  const what = `issuer ${url}`;
  let answer: Response;
  const asked_ms = Date.now();
  try {
    answer = await fetch(`${url}/v1/keys`, { signal: AbortSignal.timeout(patience_ms) });
    await answer.body?.cancel();
  } catch (error) {
    const detail = `no answer (${reasonOf(error)})`;
    return [
      isReal(config)
        ? wrong(what, detail, "start it, or correct issuer.url")
        : note(what, detail, "`deno task start` brings one with a simulated store"),
    ];
  }
  const reached = answer.ok
    ? well(what, "answers")
    : wrong(what, `answers ${answer.status}`, "is this an issuer? correct issuer.url");
  const date = answer.headers.get("date");
  if (date === null) return [reached];
  // The header has whole seconds.
  const off_ms = Math.abs(Date.parse(date) + 500 - (asked_ms + Date.now()) / 2);
  const seconds = `${(off_ms / 1_000).toFixed(0)} s`;
  return [
    reached,
    off_ms < clock_off_ms
      ? well("clock", `within ${seconds} of the issuer's`)
      : wrong("clock", `${seconds} away from the issuer's`, "set it: timedatectl set-ntp true"),
  ];
}

function modelFindings({ perception, cameras }: Config): Finding[] {
  const real = cameras.some((camera) => camera.device.kind !== "simulated");
  return (["detector", "embedder"] as const).map((kind) => {
    const source = perception[kind];
    if (source === "drawn") {
      return real
        ? wrong(kind, "knows drawn faces only", `bring one for real faces: perception.${kind}`)
        : well(kind, "the one for drawn faces that comes with the software");
    }
    const path = source.replace(/^[a-z0-9-]{2,}:/, "");
    try {
      return well(kind, `${path}, ${(Deno.statSync(path).size / 1e6).toFixed(1)} MB`);
    } catch (error) {
      return wrong(kind, reasonOf(error), `correct perception.${kind}`);
    }
  });
}
