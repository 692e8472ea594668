/** `deno task operator`: who may decide at the lanes of a store, once they have signed in. */
import { parseArgs } from "node:util";
import { RuntimeError } from "../runtime/errors.ts";
import {
  explain,
  keepOperators,
  openDataFolder,
  realRandom,
  storedOperators,
} from "../runtime/main.ts";
import { recordOf } from "../runtime/vault/pins.ts";
import { wrongFlag } from "./wrong_flag.ts";

const usage = `deno task operator add NAME [--called "Full Name"] [--data DIR]
deno task operator remove NAME [--data DIR]
deno task operator list [--data DIR]
  A PIN or pass phrase of at least 6 characters is read from the first line of the standard input.
  --data is the gateway's data folder (data/gateway). The gateway learns of it at its next start.`;

const least_characters = 6;

async function pinFromInput(): Promise<string> {
  if (Deno.stdin.isTerminal()) console.error("PIN or pass phrase, then Enter:");
  const text = await new Response(Deno.stdin.readable).text();
  const pin = (text.split("\n", 1)[0] ?? "").trim();
  if (pin.length >= least_characters) return pin;
  throw new RuntimeError("usage", `a PIN has at least ${least_characters} characters`);
}

function read(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { data: text, called: text, help: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new RuntimeError("usage", wrongFlag(error));
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { values, positionals: [verb, name] } = read(args);
  if (values.help) return console.log(usage);
  const folder = values.data ?? "data/gateway";
  const operators = await storedOperators(folder);
  const others = operators.filter(({ operator }) => operator !== name);
  if (verb === "list") {
    for (const { operator, name } of operators) console.log(`${operator}  ${name}`);
  } else if (verb === "add" && name !== undefined) {
    await openDataFolder(folder);
    const who = { operator: name, name: values.called ?? name };
    await keepOperators(folder, [...others, recordOf(realRandom, who, await pinFromInput())]);
    console.log(`${name} may sign in once the gateway has started again`);
  } else if (verb === "remove" && name !== undefined) {
    if (others.length === operators.length) {
      throw new RuntimeError("not_found", `there is no operator ${name} in ${folder}`);
    }
    await keepOperators(folder, others);
    console.log(`${name} may not sign in once the gateway has started again`);
  } else throw new RuntimeError("usage", `it is add NAME, remove NAME or list; see --help`);
}

if (import.meta.main) {
  try {
    await run(Deno.args);
  } catch (error) {
    console.error(explain(error));
    Deno.exitCode = 1;
  }
}
