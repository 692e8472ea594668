/**
 * Reads a store's configuration and refuses it with every problem at once, each with its place
 * and the way out, before anything is started.
 */
import { isAbsolute, join } from "node:path";
import type { PaymentPolicy, StandInLimits } from "../actors/messages.ts";
import type { AisleConfig } from "./config/aisle.ts";
import { contradictions, type Problem } from "./config/checks.ts";
import { type Config, configSchema, type LaneConfig } from "./config/schema.ts";
import { RuntimeError } from "./errors.ts";
import { limits } from "./limits.ts";

export { allowsDrawnModels, isLoopback } from "./config/checks.ts";
export type { AisleConfig } from "./config/aisle.ts";
export type {
  BeaconConfig,
  CameraConfig,
  Config,
  DisplayConfig,
  LaneConfig,
  MicrophoneConfig,
} from "./config/schema.ts";
export { configJsonSchema } from "./config/schema.ts";

/** `lanes[1].zone`, as a person would write it. */
function place(path: readonly PropertyKey[]): string {
  const text = path.map((part) => typeof part === "number" ? `[${part}]` : `.${String(part)}`);
  return text.join("").replace(/^\./, "") || "the file";
}

function refuse(problems: readonly Problem[]): never {
  const shown = problems.slice(0, limits.config_problems)
    .map(({ path, message }) => `configuration: ${place(path)}: ${message}`);
  const rest = problems.length - shown.length;
  if (rest > 0) shown.push(`configuration: and ${rest} more; mend these first`);
  throw new RuntimeError("config_invalid", shown.join("\n"));
}

/** The parser's own message quotes the text, which may hold a key: only the place is told. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /\(line (\d+) column (\d+)\)/.exec(String(error));
    const where = at === null ? "" : ` at line ${at[1]} column ${at[2]}`;
    return refuse([{
      path: [],
      message: `is not JSON${where}; look for a missing comma, quote or bracket, or a comment`,
    }]);
  }
}

/**
 * A configuration from the text of its file or from a parsed value, with defaults filled in.
 * With `folder`, the folder of the file, relative paths in it become absolute.
 *
 * Throws `RuntimeError` of kind `config_invalid`; its message has one line for each problem.
 */
export function parseConfig(input: unknown, options: { folder?: string } = {}): Config {
  const value = typeof input === "string" ? parseJson(input) : input;
  const parsed = configSchema.safeParse(value, {
    error: (issue) => issue.input === undefined ? "is missing; add it" : undefined,
  });
  if (!parsed.success) {
    return refuse(
      parsed.error.issues.flatMap((issue): Problem[] =>
        issue.code === "unrecognized_keys"
          ? issue.keys.map((key) => ({
            path: [...issue.path, key],
            message: "is not a key that is known here; look for a misspelling or take it out",
          }))
          : [{ path: issue.path, message: issue.message.replace(/\s*\n\s*/g, " ") }]
      ),
    );
  }
  const { $schema: _, ...config } = parsed.data;
  const problems = contradictions(config);
  if (problems.length > 0) refuse(problems);
  const { aisle } = config;
  const tidy = {
    ...config,
    issuer: { url: new URL(config.issuer.url).origin },
    ...(aisle === undefined ? {} : {
      aisle: {
        ...aisle,
        retailer: { ...aisle.retailer, url: new URL(aisle.retailer.url).origin },
      },
    }),
  };
  return options.folder === undefined ? tidy : withFolder(tidy, options.folder);
}

function withFolder(config: Config, folder: string): Config {
  const absolute = (path: string) => isAbsolute(path) ? path : join(folder, path);
  // A preset stands before its file: `yunet:models/face.onnx`.
  const model = (source: string) => {
    if (source === "drawn") return source;
    const [, preset = "", file = ""] = /^([a-z0-9-]{2,}:)?(.*)$/s.exec(source) ?? [];
    return preset + absolute(file);
  };
  const { pos_key_file } = config.http;
  return {
    ...config,
    data: absolute(config.data),
    ...(config.aisle === undefined ? {} : { aisle: withFiles(config.aisle, absolute) }),
    content: {
      ...config.content,
      ...(config.content.catalogue === undefined
        ? {}
        : { catalogue: absolute(config.content.catalogue) }),
      files: config.content.files.map(absolute),
    },
    http: {
      ...config.http,
      ...(pos_key_file === undefined ? {} : { pos_key_file: absolute(pos_key_file) }),
    },
    cameras: config.cameras.map((camera) =>
      camera.device.kind === "recorded"
        ? { ...camera, device: { ...camera.device, folder: absolute(camera.device.folder) } }
        : camera
    ),
    perception: {
      ...config.perception,
      detector: model(config.perception.detector),
      embedder: model(config.perception.embedder),
    },
  };
}

function withFiles(aisle: AisleConfig, absolute: (path: string) => string): AisleConfig {
  const { retailer, mqtt, ...rest } = aisle;
  const { key_file } = retailer;
  const password_file = mqtt?.password_file;
  return {
    ...rest,
    retailer: {
      ...retailer,
      ...(key_file === undefined ? {} : { key_file: absolute(key_file) }),
    },
    ...(mqtt === undefined ? {} : {
      mqtt: {
        ...mqtt,
        ...(password_file === undefined ? {} : { password_file: absolute(password_file) }),
      },
    }),
  };
}

/** The first line of a file that `where` in the configuration names. */
function firstLine(
  where: string,
  file: string,
  what: string,
  readText: (path: string) => string,
): string {
  try {
    return readText(file).split(/\r?\n/, 1)[0] ?? "";
  } catch (cause) {
    const reason = cause instanceof Error ? cause.name : "unreadable";
    const message = `configuration: ${where}: cannot read ${file} (${reason}); write the ${what} ` +
      "there and let the gateway's user read it";
    throw new RuntimeError("config_invalid", message, { cause });
  }
}

/** The first line of a file of the aisle's that holds a secret, read by `readText`; undefined where
 * none is named. Throws `RuntimeError` of kind `config_invalid`. */
export function aisleSecret(
  file: string | undefined,
  readText: (path: string) => string,
): string | undefined {
  if (file === undefined) return undefined;
  const secret = firstLine("aisle", file, "secret", readText);
  if (/^[\x21-\x7e]{8,400}$/.test(secret)) return secret;
  const message = `configuration: aisle: the first line of ${file} is no secret; write 8 to 400 ` +
    "printable characters";
  throw new RuntimeError("config_invalid", message);
}

/**
 * The key that tills and operators present: the configuration's own, or the first line of the
 * file that it names, read by `readText`. Undefined when the store has none.
 *
 * Throws `RuntimeError` of kind `config_invalid` when the file is unreadable or its key too short.
 */
export function posKey(config: Config, readText: (path: string) => string): string | undefined {
  const { pos_key, pos_key_file } = config.http;
  if (pos_key_file === undefined) return pos_key;
  const path = ["http", "pos_key_file"];
  const key = firstLine(place(path), pos_key_file, "key", readText);
  if (!configSchema.shape.http.unwrap().shape.pos_key.safeParse(key || null).success) {
    refuse([{
      path,
      message: `the first line of ${pos_key_file} is no key; write 20 to 200 printable characters`,
    }]);
  }
  return key;
}

/** What the store has decided for payments at a lane. */
export function lanePolicy(config: Config, lane: LaneConfig): PaymentPolicy {
  const { accept_liveness, selection_timeout_ms, authorisation_timeout_ms, turns_above_minor } =
    config.policies;
  return {
    selection: lane.selection ?? config.policies.selection,
    ...(config.policies.shadow ? { shadow: true } : {}),
    turns: config.policies.turns,
    ...(turns_above_minor === undefined ? {} : { turns_above_minor }),
    ...(lane.microphone === undefined ? {} : { microphone: lane.microphone }),
    challenge: lane.challenge ?? config.policies.challenge,
    accept_liveness,
    selection_timeout_ms,
    authorisation_timeout_ms,
  };
}

/** How far the store goes while the issuer is away. */
export function standInLimits({ offline, limits: { per_payment_minor } }: Config): StandInLimits {
  const { per_account_minor, total_minor, minutes } = offline;
  return {
    per_payment_minor: Math.min(offline.per_payment_minor, per_payment_minor),
    per_account_minor,
    total_minor,
    age_ms: minutes * 60_000,
  };
}
