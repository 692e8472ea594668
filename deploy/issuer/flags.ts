/** What `deno task issuer` may be told, and what it says when told something else. */
import { parseArgs } from "node:util";
import { RuntimeError } from "../../runtime/errors.ts";
import { wrongFlag } from "../wrong_flag.ts";
import { defaultSettings, type IssuerSettings } from "./world.ts";

export interface IssuerFlags {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly data: string;
  readonly adminKeyFile?: string;
  /** The first line of the standard input is the administrator's key. */
  readonly adminKeyStdin: boolean;
  /** Stops when the standard input ends. */
  readonly withParent: boolean;
  readonly settings: IssuerSettings;
  /** Models with which shoppers enrol in their browsers; absent: no such page. */
  readonly enrol?: { readonly detector: string; readonly embedder: string };
}

/** For an issuer whose shoppers are played: all of them come from one address. */
export const most_openings = 1_000_000;

export const usage = `deno task issuer [options]
  --host NAME            where to listen (127.0.0.1)
  --port N               (8490; 0 takes a free one)
  --data DIR             where the issuer's file is kept (data/issuer); the task may write
                         in data/ alone
  --admin-key-file FILE  holds the administrator's key (DIR/admin.key, made when it is missing)
  --admin-key-stdin      read the administrator's key from the first line of the standard input
  --with-parent          stop when the standard input ends
  --rotation K           a beacon's code lives for 2^K seconds, 0 to 15 (6)
  --lease S              seconds that a check-in lives after the last code heard (90)
  --threshold S          seconds after a proof in which a beacon's hardware id suffices (20)
  --stay S               longest stay, in seconds; a phone beyond it is left behind (21600)
  --account-limit N      most that one sale may charge unasked, in minor units (50000)
  --day-limit N          the same for all sales of a day (200000)
  --offline-limit N      most that stores may accept of an account while the issuer is away (15000)
  --allowance N          the same of one sale; 0 reserves nothing (7500)
  --allowance-time S     seconds that a visit may use what is reserved for it (900)
  --openings N           accounts that one address may open in ten minutes (60); behind a proxy
                         all come from its address, and the proxy is to count them
  --velocity N           sales in ten minutes after which the shopper is asked (20)
  --authorisation S      seconds that an authorisation is held (600)
  --approval S           seconds that a shopper has to say yes (45)
  --cooling S            seconds that a change of account data which could do harm waits (86400)
  --change-distance N    thousandths: most that a face may be from the account's own template to
                         change its data; 1000 less the cosine (250)
  --detector MODEL       with --embedder: shoppers enrol in their browsers at /enrol/ with these
  --embedder MODEL       models, SIDECAR.json or PRESET:FILE.onnx, the same as their stores'
  --help`;

const wrong = (message: string) => new RuntimeError("usage", `${message}; see --help`);

function whole(
  flag: string,
  value: string | undefined,
  otherwise: number,
  least: number,
  most: number,
) {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < least || number > most) {
    throw wrong(`--${flag} takes a whole number from ${least} to ${most}, not "${value}"`);
  }
  return number;
}

function read(args: readonly string[]) {
  const text = { type: "string" } as const;
  const yes = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        host: text,
        port: text,
        data: text,
        "admin-key-file": text,
        "admin-key-stdin": yes,
        "with-parent": yes,
        rotation: text,
        lease: text,
        threshold: text,
        stay: text,
        "account-limit": text,
        "day-limit": text,
        authorisation: text,
        approval: text,
        cooling: text,
        "change-distance": text,
        detector: text,
        embedder: text,
        openings: text,
        velocity: text,
        "offline-limit": text,
        allowance: text,
        "allowance-time": text,
        help: yes,
      },
    }).values;
  } catch (error) {
    throw new RuntimeError("usage", wrongFlag(error));
  }
}

/** What the flags set, and what they leave as it is. */
function settingsOf(flags: ReturnType<typeof read>): IssuerSettings {
  const { rotation_exponent, lease_ms, approval_ms, threshold_ms, stay_ms } = defaultSettings;
  type Seconds =
    | ("lease" | "threshold" | "stay" | "approval" | "authorisation")
    | ("cooling" | "allowance-time");
  const seconds = (flag: Seconds, otherwise_ms: number) =>
    whole(flag, flags[flag], otherwise_ms / 1000, 1, 86_400) * 1000;
  type Money = "account-limit" | "day-limit" | "offline-limit" | "allowance";
  const money = (flag: Money, otherwise: number, least = 1) =>
    whole(flag, flags[flag], otherwise, least, 100_000_000);
  return {
    ...defaultSettings,
    rotation_exponent: whole("rotation", flags.rotation, rotation_exponent, 0, 15),
    lease_ms: seconds("lease", lease_ms),
    threshold_ms: seconds("threshold", threshold_ms),
    stay_ms: seconds("stay", stay_ms),
    account_limit_minor: money("account-limit", defaultSettings.account_limit_minor),
    account_day_minor: money("day-limit", defaultSettings.account_day_minor),
    openings: whole("openings", flags.openings, defaultSettings.openings, 1, most_openings),
    velocity_sales: whole("velocity", flags.velocity, defaultSettings.velocity_sales, 1, 10_000),
    account_offline_minor: money("offline-limit", defaultSettings.account_offline_minor, 0),
    allowance_minor: money("allowance", defaultSettings.allowance_minor, 0),
    allowance_ms: seconds("allowance-time", defaultSettings.allowance_ms),
    authorisation_ms: seconds("authorisation", defaultSettings.authorisation_ms),
    approval_ms: seconds("approval", approval_ms),
    cooling_ms: seconds("cooling", defaultSettings.cooling_ms),
    change_distance: whole(
      "change-distance",
      flags["change-distance"],
      defaultSettings.change_distance * 1000,
      1,
      1000,
    ) / 1000,
  };
}

/** Throws `RuntimeError` of kind `usage`; undefined when help was asked for. */
export function parseIssuerFlags(args: readonly string[]): IssuerFlags | undefined {
  const flags = read(args);
  if (flags.help) return undefined;
  if (flags["admin-key-file"] !== undefined && flags["admin-key-stdin"]) {
    throw wrong("--admin-key-file and --admin-key-stdin exclude each other");
  }
  const { detector, embedder } = flags;
  if ((detector === undefined) !== (embedder === undefined)) {
    throw wrong("--detector and --embedder go together");
  }
  const file = flags["admin-key-file"];
  return {
    host: flags.host ?? "127.0.0.1",
    port: whole("port", flags.port, 8490, 0, 65_535),
    data: flags.data ?? "data/issuer",
    ...(file === undefined ? {} : { adminKeyFile: file }),
    adminKeyStdin: flags["admin-key-stdin"],
    withParent: flags["with-parent"],
    ...(detector === undefined || embedder === undefined ? {} : { enrol: { detector, embedder } }),
    settings: settingsOf(flags),
  };
}
