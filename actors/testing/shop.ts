/**
 * A shop for tests: actors that tell each other things in the order they said them, a clock that
 * moves when told to, and a list of what was asked of the world. XState's own transition code,
 * nothing of the runtime, so that the stories hold for the machines alone.
 */
import { type AnyMachineSnapshot, initialTransition, transition } from "xstate";
import { actorKinds } from "../kinds.ts";
import type { Address, Candidate, Command, Emitted, Kind, PaymentPolicy } from "../messages.ts";

type Happening = { readonly type: string; readonly [key: string]: unknown };
interface Timer {
  readonly address: Address;
  readonly id: string;
  readonly event: Happening;
  readonly due_ms: number;
}
/** What XState hands back for a step, as far as it is looked at here. */
interface Executable {
  readonly type: string;
  readonly params: {
    readonly event: Happening & Emitted;
    readonly id?: string;
    readonly delay?: number;
    readonly sendId?: string;
  };
}

export interface Shop {
  /** Gives a fact to an actor and lets all that follows from it happen; false when refused. */
  post(to: Address, event: Happening): boolean;
  /** Lets time pass; timers fire at their own deadlines. */
  pass(time_ms: number): void;
  now_ms(): number;
  state(address: Address): string | undefined;
  context(address: Address): Record<string, unknown>;
  /** Commands asked for since the last call, oldest first. */
  asked(): Command[];
  /** Messages between actors that nobody took. */
  readonly lost: { to: Address; event: Happening }[];
  timers(address: Address): readonly Timer[];
}

interface Letter {
  readonly to: Address;
  readonly event: Happening;
  readonly due_ms: number;
}

/** `delay` says for each message between actors how long it is under way; messages of one sender
 * to one receiver keep their order. */
export function shop(start_ms = 1_000_000, delay: () => number = () => 0): Shop {
  const actors = new Map<Address, AnyMachineSnapshot>();
  const latest_ms = new Map<string, number>();
  let timers: Timer[] = [];
  let commands: Command[] = [];
  const lost: { to: Address; event: Happening }[] = [];
  let mail: Letter[] = [];
  let at_ms = start_ms;

  function take(address: Address, { type, params }: Executable): void {
    if (type === "xstate.cancel" || type === "xstate.raise") {
      const id = type === "xstate.raise" ? params.id : params.sendId;
      timers = timers.filter((timer) => timer.address !== address || timer.id !== id);
    }
    if (type === "xstate.raise" && params.delay !== undefined) {
      const { id = params.event.type, event, delay } = params;
      if (!Number.isFinite(delay)) throw new Error(`${address}: ${id} is set to ${delay}`);
      timers.push({ address, id, event, due_ms: at_ms + delay });
    }
    if (type !== "xstate.emit") return;
    const emitted: Emitted = params.event;
    if (emitted.type !== "tell") return void commands.push(emitted);
    const way = `${address} ${emitted.to}`;
    const due_ms = Math.max(at_ms + delay(), latest_ms.get(way) ?? 0);
    latest_ms.set(way, due_ms);
    mail.push({ to: emitted.to, event: emitted.event as Happening, due_ms });
  }

  function step(to: Address, event: Happening): boolean {
    const [kindName, id] = to.split("/") as [Kind, string];
    const kind = actorKinds[kindName];
    let before = actors.get(to);
    if (before === undefined && kind.births.includes(event.type)) {
      before = initialTransition(kind.machine, { id })[0] as AnyMachineSnapshot;
    }
    const stamped: Happening = { ...event, at_ms };
    if (before?.status !== "active") return false;
    const transitions = kind.machine.getTransitionData(before, stamped);
    const taken = transitions.some((it) => it.target !== undefined || it.actions.length > 0);
    if (!taken) return false;
    const [after, actions] = transition(kind.machine, before, stamped);
    const { status, error } = after as AnyMachineSnapshot;
    if (status === "error") throw error;
    actors.set(to, after as AnyMachineSnapshot);
    for (const action of actions) take(to, action as unknown as Executable);
    if (status === "done") timers = timers.filter((timer) => timer.address !== to);
    return true;
  }

  /** The next letter that has arrived. */
  function arrived(): Letter | undefined {
    const letter = mail.find(({ due_ms }) => due_ms <= at_ms);
    mail = mail.filter((other) => other !== letter);
    return letter;
  }

  function post(to: Address, event: Happening): boolean {
    const taken = step(to, event);
    for (let letter = arrived(); letter !== undefined; letter = arrived()) {
      const { to, event } = letter;
      if (!step(to, event)) lost.push({ to, event });
    }
    return taken;
  }

  function pass(time_ms: number): void {
    const until_ms = at_ms + time_ms;
    for (;;) {
      const [next] = [...mail, ...timers].filter(({ due_ms }) => due_ms <= until_ms)
        .sort((a, b) => a.due_ms - b.due_ms);
      if (next === undefined) break;
      at_ms = Math.max(at_ms, next.due_ms);
      mail = mail.filter((letter) => letter !== next);
      timers = timers.filter((timer) => timer !== next);
      const to = "to" in next ? next.to : next.address;
      if (!post(to, next.event) && "to" in next) lost.push({ to, event: next.event });
    }
    at_ms = until_ms;
  }

  return {
    post,
    pass,
    now_ms: () => at_ms,
    state: (address) => actors.get(address)?.value as string | undefined,
    context: (address) => actors.get(address)?.context ?? {},
    asked() {
      const asked = commands;
      commands = [];
      return asked;
    },
    lost,
    timers: (address) => timers.filter((timer) => timer.address === address),
  };
}

/** A policy as a staffed store has it. */
export const staffed: PaymentPolicy = {
  selection: "operator",
  accept_liveness: ["passed"],
  selection_timeout_ms: 60_000,
  authorisation_timeout_ms: 15_000,
};

/** Somebody whom the camera at the lane holds for a visit. */
export function seen(visit: string, changes: Partial<Candidate["evidence"]> = {}): Candidate {
  return {
    visit,
    evidence: {
      kind: "face_at_pay_position",
      camera: "cam-1",
      model: "ab".repeat(32),
      frames: 5,
      outcome: "identified",
      liveness: "passed",
      seen_at_ms: 1_000_000,
      ...changes,
    },
  };
}

/** Lane 1 with its camera, open for business. */
export function openLane(policy: PaymentPolicy = staffed, at: Shop = shop(), id = "1"): Shop {
  const camera = `cam-${id}`;
  at.post(`lane/${id}`, { type: "store.lane_configured", zone: "front", camera, policy });
  at.post(`camera/${camera}`, { type: "store.camera_configured", zone: "front", lane: id });
  at.post(`camera/${camera}`, { type: "camera.started", device: "drawn" });
  return at;
}

/** The issuer says that a shopper is here. */
export function arrives(at: Shop, visit: string, changes: Record<string, unknown> = {}): void {
  at.post(`visit/${visit}`, {
    type: "issuer.visit_opened",
    account: `account-of-${visit}`,
    first_name: "Ada",
    initials: "AL",
    zone: "front",
    tokens: [`first.token.of.${visit}`, `second.token.of.${visit}`],
    template: true,
    lease_expires_ms: at.now_ms() + 600_000,
    ...changes,
  });
}

/** Who stands at the pay position of the lane's camera, in the camera's eyes. */
export function stands(at: Shop, candidates: readonly Candidate[], lane = "1"): void {
  const camera: Address = `camera/cam-${lane}`;
  at.post(camera, {
    type: "frame.matched",
    outcome: candidates[0]?.evidence.outcome ?? "nobody",
    faces: candidates.length,
    candidates,
    glance: at.context(camera)["glance"],
  });
}

/** The cashier rings up 4.20 at the lane; false when the lane is busy. */
export function ringsUp(
  at: Shop,
  payment: string,
  lane = "1",
  changes: Record<string, unknown> = {},
): boolean {
  return at.post(`lane/${lane}`, {
    type: "pos.sale_requested",
    sale: {
      payment,
      poi_id: `poi-${lane}`,
      sale_id: "till",
      service_id: payment,
      amount_minor: 420,
      currency: "EUR",
      items: [{ name: "Bread", quantity: 1, amount_minor: 420 }],
      ...changes,
    },
  });
}
