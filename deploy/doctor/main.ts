/**
 * `deno task doctor`: what a store's machine has and what is wrong with it, one line each with the
 * way to mend it. Exits with 1 when something would keep the store from working. It reads the
 * configuration, and looks in a process of its own that may touch what that names.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Config, parseConfig } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { explain } from "../../runtime/main.ts";
import { exampleStore } from "../start/orders.ts";
import { wrongFlag } from "../wrong_flag.ts";
import { type Finding, tell, wrong } from "./findings.ts";
import { doctorPermissions } from "./permissions.ts";

const usage = `deno task doctor [options]
  --config FILE   the store whose equipment is looked at (deploy/store.example.json is the default)
  --json          one JSON line: {"findings":[{"what","verdict","detail","mend"}],"wrong":n}
  --help`;

const root = fileURLToPath(new URL("../../", import.meta.url));

function readConfig(file: string | undefined): Config | Finding[] {
  const path = file === undefined
    ? resolve(root, exampleStore)
    : resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), file);
  try {
    return parseConfig(Deno.readTextFileSync(path), { folder: resolve(path, "..") });
  } catch (error) {
    return explain(error).split("\n").map((line) => wrong(path, line, "mend the configuration"));
  }
}

/** Looks at the store with the permissions that its configuration needs. */
async function examine(config: Config, json: boolean): Promise<number> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", ...doctorPermissions(config)],
      "deploy/doctor/examine.ts",
    ],
    cwd: root,
    stdin: "piped",
  }).spawn();
  const input = process.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify({ config, json })));
  await input.close();
  return (await process.status).code;
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        config: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new RuntimeError("usage", wrongFlag(error));
  }
}

async function main(): Promise<number> {
  const values = read(Deno.args);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const config = readConfig(values.config);
  return Array.isArray(config) ? tell(config, values.json) : await examine(config, values.json);
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main();
  } catch (error) {
    console.error(explain(error));
    Deno.exitCode = 2;
  }
}
