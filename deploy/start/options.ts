/** What `deno task start` may be told, and what it says when told something else. */
import { parseArgs } from "node:util";
import { RuntimeError } from "../../runtime/errors.ts";
import { wrongFlag } from "../wrong_flag.ts";

export interface StartOptions {
  /** Stop after this long; without it, at Ctrl-C. */
  readonly for_ms?: number;
  /** Absolute or relative to the working folder; without it, the example store. */
  readonly config?: string;
  readonly data?: string;
  readonly port?: number;
  /** An issuer that runs already; without it, and without real equipment, the reference issuer is
   * started beside. */
  readonly issuer?: string;
  readonly adminKeyFile?: string;
  /** Chooses the day that the simulated shoppers live. */
  readonly seed: number;
  /** A folder of pictures to play in place of the store's cameras. */
  readonly recorded?: string;
  readonly detector?: string;
  readonly embedder?: string;
}

export const usage = `deno task start [options]
  --for 60s              keep the store open for a time (s, m or h), close it and print the
                         summary as one JSON line
  --config FILE          a store's configuration (deploy/store.example.json is the default)
  --data DIR             where journal, keys and ledger are kept, in place of the configuration's
  --port N               where the gateway listens, in place of the configuration's
  --issuer URL           use an issuer that runs already, in place of the configuration's; a store
                         with real equipment always does
  --admin-key-file FILE  that issuer's administration key, to register this store there
  --seed N               another day in the simulated store
  --camera recorded:DIR  play pictures (a folder a person) in place of the cameras
  --detector MODEL       a sidecar file, or PRESET:FILE.onnx
  --embedder MODEL       a sidecar file, or PRESET:FILE.onnx
  --help`;

const wrong = (message: string) => new RuntimeError("usage", `${message}; see --help`);

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function duration_ms(value: string): number {
  const match = /^(\d{1,5})(s|m|h)$/.exec(value);
  const unit_ms = { s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? "s"] ?? 1_000;
  const amount = Number(match?.[1] ?? 0);
  if (!match || amount === 0) throw wrong(`--for takes a time such as 60s, not "${value}"`);
  return amount * unit_ms;
}

function whole(flag: string, value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > most) {
    throw wrong(`${flag} takes a whole number up to ${most}, not "${value}"`);
  }
  return number;
}

function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw wrong(`--issuer takes an address such as http://127.0.0.1:8490, not "${value}"`);
  }
  return url.origin;
}

function recordedFolder(value: string): string {
  const match = /^recorded:(.+)$/.exec(value);
  if (!match?.[1]) throw wrong(`--camera takes recorded:DIR, not "${value}"`);
  return match[1];
}

function readFlags(args: readonly string[]) {
  const string = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        for: string,
        config: string,
        data: string,
        port: string,
        issuer: string,
        "admin-key-file": string,
        seed: string,
        camera: string,
        detector: string,
        embedder: string,
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new RuntimeError("usage", wrongFlag(error));
  }
}

/** Throws `RuntimeError` of kind `usage`; undefined when help was asked for. */
export function parseStart(args: readonly string[]): StartOptions | undefined {
  const flags = readFlags(args);
  if (flags.help) return undefined;
  const given = <T>(key: string, value: T | undefined) =>
    value === undefined ? {} : { [key]: value };
  return {
    seed: whole("--seed", text(flags.seed) ?? "1", 2 ** 31 - 1),
    ...given("for_ms", flags.for === undefined ? undefined : duration_ms(flags.for)),
    ...given("config", text(flags.config)),
    ...given("data", text(flags.data)),
    ...given("port", flags.port === undefined ? undefined : whole("--port", flags.port, 65_535)),
    ...given("issuer", flags.issuer === undefined ? undefined : origin(flags.issuer)),
    ...given("adminKeyFile", text(flags["admin-key-file"])),
    ...given("recorded", flags.camera === undefined ? undefined : recordedFolder(flags.camera)),
    ...given("detector", text(flags.detector)),
    ...given("embedder", text(flags.embedder)),
  };
}
