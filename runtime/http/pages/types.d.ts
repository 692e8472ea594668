/** The answers of the debug endpoint as its page reads them. */

export interface Actor {
  address: string;
  kind: string;
  state: unknown;
  // deno-lint-ignore no-explicit-any -- differs with the kind; pages show what is there
  context: Record<string, any>;
  timers: { id: string; event: string; due_ms: number }[];
  done: boolean;
  mailbox: number;
  last_event: { type: string; at_ms: number } | null;
}

export interface Step {
  position: number;
  turn: number;
  at_ms: number;
  address: string;
  from: string;
  event: { type: string; [field: string]: unknown };
  before: unknown;
  after: unknown;
  commands: { type: string; [field: string]: unknown }[];
}

export interface Store {
  store: { id: string; name: string; currency: string; timezone: string };
  gateway: string;
  kinds: string[];
  zones: { id: string; name: string }[];
  lanes: { id: string; name: string; zone: string; camera: string; selection: string }[];
  beacons: { hardware_id: string; zone: string; device: string }[];
  cameras: { id: string; zone: string; device: string }[];
}

export interface Machine {
  events: string[];
  states: {
    path: string;
    type: string;
    description: string | null;
    transitions: { event: string; by: string; targets: string[]; guard: string | null }[];
  }[];
}
