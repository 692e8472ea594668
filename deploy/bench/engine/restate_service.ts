/**
 * Visits and payments as virtual objects of Restate: the same machines and the same stepper, with
 * their state and the messages between them kept by Restate. Listens on the port that is named.
 */
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { actorKinds } from "../../../actors/kinds.ts";
import { type ActorState, createStepper } from "../../../runtime/engine/step.ts";
import type { Fact } from "./sale.ts";

/** The parts of Restate's SDK that are used. Only the benches' own configuration knows the package,
 * and the product's type check does not. */
interface ObjectContext {
  readonly key: string;
  get<Value>(name: string): Promise<Value | null>;
  set(name: string, value: unknown): void;
  genericSend(call: Readonly<Record<string, unknown>>): void;
}
interface Endpoint {
  bind(service: unknown): Endpoint;
  setLogger(logger: () => void): Endpoint;
  http2Handler(): (request: Http2ServerRequest, response: Http2ServerResponse) => void;
}
interface Restate {
  object(definition: Readonly<Record<string, unknown>>): unknown;
  endpoint(): Endpoint;
  readonly serde: { readonly json: unknown };
}
const sdk: string = "@restatedev/restate-sdk";
const restate: Restate = await import(sdk);

interface Kept {
  readonly state: ActorState;
  readonly sequence: number;
}

function objectOf(kind: "visit" | "payment") {
  const { machine, births } = actorKinds[kind];
  const stepper = createStepper(machine);
  return restate.object({
    name: kind,
    handlers: {
      async tell(context: ObjectContext, fact: Fact) {
        const kept = await context.get<Kept>("actor");
        const event = { ...fact, at_ms: Date.now() };
        if (kept?.state.done || !kept && !births.includes(fact.type)) return { accepted: false };
        const step = kept
          ? stepper.step(kept.state, event, kept.sequence)
          : stepper.birth(context.key, event, 1);
        if (!step) return { accepted: false };
        context.set("actor", { state: step.state, sequence: step.sequence });
        for (const emitted of step.emitted) {
          if (emitted.type !== "tell") continue;
          const [service = "", key = ""] = emitted.to.split("/");
          if (service !== "visit" && service !== "payment") continue;
          const inputSerde = restate.serde.json;
          context.genericSend({
            service,
            method: "tell",
            key,
            parameter: emitted.event,
            inputSerde,
          });
        }
        return { accepted: true };
      },
    },
  });
}

if (import.meta.main) {
  const port = Number(Deno.args[0]);
  // Its own `listen` takes every address of the machine.
  const endpoint = restate.endpoint().bind(objectOf("visit")).bind(objectOf("payment"));
  // Two lines for every event would be measured too.
  endpoint.setLogger(() => {});
  createServer(endpoint.http2Handler()).listen(port, "127.0.0.1");
}
