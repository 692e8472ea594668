/** The doctor's own process: told over its standard input which store, it says what it finds. */
import { z } from "zod";
import { parseConfig } from "../../runtime/config.ts";
import { explain } from "../../runtime/main.ts";
import { deviceFindings } from "./devices.ts";
import { type Finding, tell, well } from "./findings.ts";
import { machineFindings } from "./machine.ts";

const orders = z.strictObject({ config: z.unknown(), json: z.boolean() });

if (import.meta.main) {
  try {
    const input = await new Response(Deno.stdin.readable).text();
    const { config, json } = orders.parse(JSON.parse(input));
    const store = parseConfig(config);
    const { build: { os, arch } } = Deno;
    const machine: Finding = well("machine", `Deno ${Deno.version.deno} on ${os} ${arch}`);
    const found = [machine, ...await deviceFindings(store), ...await machineFindings(store)];
    Deno.exitCode = tell(found, json);
  } catch (error) {
    console.error(explain(error));
    Deno.exitCode = 2;
  }
}
