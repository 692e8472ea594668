/**
 * `deno task doctor`: what a store's machine has and what is wrong with it, one line each with the
 * way to mend it. Exits with 1 when something would keep the store from working.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Config, parseConfig } from "../../runtime/config.ts";
import { explain } from "../../runtime/main.ts";
import { exampleStore } from "../start/orders.ts";
import { deviceFindings } from "./devices.ts";
import { type Finding, lineOf, well, wrong } from "./findings.ts";
import { machineFindings } from "./machine.ts";

const usage = `deno task doctor [options]
  --config FILE   the store whose equipment is looked at (deploy/store.example.json is the default)
  --json          one JSON line: {"findings":[{"what","verdict","detail","mend"}],"wrong":n}
  --help`;

const root = new URL("../../", import.meta.url);

function readConfig(file: string | undefined): Config | Finding[] {
  const path = file === undefined
    ? new URL(exampleStore, root).pathname
    : resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), file);
  try {
    return parseConfig(Deno.readTextFileSync(path), { folder: resolve(path, "..") });
  } catch (error) {
    return explain(error).split("\n").map((line) => wrong(path, line, "mend the configuration"));
  }
}

export async function examine(file: string | undefined): Promise<Finding[]> {
  const config = readConfig(file);
  if (Array.isArray(config)) return config;
  const { build: { os, arch } } = Deno;
  const machine = well("machine", `Deno ${Deno.version.deno} on ${os} ${arch}`);
  return [machine, ...await deviceFindings(config), ...await machineFindings(config)];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      config: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const findings = await examine(values.config);
  const count = findings.filter(({ verdict }) => verdict === "wrong").length;
  if (values.json) console.log(JSON.stringify({ findings, wrong: count }));
  else for (const finding of findings) console.log(lineOf(finding));
  return count === 0 ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main();
  } catch (error) {
    console.error(explain(error));
    Deno.exitCode = 2;
  }
}
