/**
 * One spoken answer from the prompt to whose voice it was: sound goes from the microphone to a
 * Worker that ends with its answer, so that the gateway's loop is never held up by listening, and
 * nothing of sound or voices is left.
 */
import type { SoundFrame } from "../../../hardware/ports.ts";
import { invariant, RuntimeError } from "../../errors.ts";
import type { Heard, Listening } from "../../world.ts";
import { errorOf, type Trouble } from "../protocol.ts";
import type { VoiceCandidate, VoiceVerdict } from "./decide.ts";
import { promptDigits, type VoicePrompt } from "./prompt.ts";
import { wipeVoiceTemplate } from "./template.ts";

type DigitPrompt = Extract<VoicePrompt, { kind: "digits" }>;

/** What the Worker is told: first the prompt, then the sound, in the end who could be meant. */
export type EarRequest =
  | { readonly say: "listen"; readonly microphone: string; readonly prompt: DigitPrompt }
  | { readonly say: "sound"; readonly frame: SoundFrame }
  /** No sound follows: judge. */
  | { readonly say: "judge"; readonly candidates: readonly VoiceCandidate[] };

export type EarReply =
  /** The answer is over, no more sound is needed. */
  | { readonly say: "enough" }
  | { readonly say: "verdict"; readonly verdict: VoiceVerdict }
  | { readonly say: "trouble"; readonly trouble: Trouble };

/** The part of a Worker that is used here. */
export interface EarWorker {
  onmessage: ((event: MessageEvent<EarReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(request: EarRequest, transfer: Transferable[]): void;
  terminate(): void;
}

/** Hears one answer; see `Perception.hear`. */
export async function hear(listening: Listening, start: () => EarWorker): Promise<Heard> {
  const { microphone, chance, prompt, voices, signal } = listening;
  const asked = promptDigits(chance);
  invariant(asked.kind === "digits", "a lane asks for digits");
  // Whatever becomes of the sound, nobody waits for these in vain.
  voices.catch(() => {});
  const worker = start();
  const { enough, verdict } = answerOf(worker);
  try {
    worker.postMessage({ say: "listen", microphone: microphone.id, prompt: asked }, []);
    prompt(asked.digits);
    for await (const frame of microphone.frames(AbortSignal.any([signal, enough]))) {
      const samples = frame.samples.slice();
      frame.samples.fill(0);
      // What is handed over is here no more.
      worker.postMessage({ say: "sound", frame: { ...frame, samples } }, [samples.buffer]);
    }
    const came = await unlessHushed(voices, signal);
    if (came === undefined) return hushed;
    const candidates = came.map(({ visit, voice }) => ({ visit, template: voice }));
    const buffers = candidates.flatMap(({ template }) => [
      template.values.buffer,
      template.spreads.buffer,
    ]);
    worker.postMessage({ say: "judge", candidates }, buffers);
    const judged = await unlessHushed(verdict, signal);
    if (judged === undefined) return hushed;
    return judged.outcome === "chosen"
      ? { outcome: "chosen", visit: judged.visit }
      : { outcome: "unknown", reason: judged.reason };
  } finally {
    worker.terminate();
    // Those that the Worker has are gone from here; the others are for nobody any more.
    voices.then((all) => {
      for (const { voice } of all) if (voice.values.length > 0) wipeVoiceTemplate(voice);
    }, () => {});
  }
}

const hushed = { outcome: "unknown", reason: "hushed" } as const;

/** Undefined once nobody wants it any more, however long it would take. */
async function unlessHushed<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const gone = Promise.withResolvers<undefined>();
  const leave = () => gone.resolve(undefined);
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  try {
    return await Promise.race([gone.promise, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** What the Worker answers; a Worker that dies has heard enough, and its verdict is an error. */
function answerOf(worker: EarWorker): { enough: AbortSignal; verdict: Promise<VoiceVerdict> } {
  const enough = new AbortController();
  const verdict = Promise.withResolvers<VoiceVerdict>();
  verdict.promise.catch(() => {});
  worker.onmessage = ({ data }) => {
    enough.abort();
    if (data.say === "verdict") verdict.resolve(data.verdict);
    if (data.say === "trouble") verdict.reject(errorOf(data.trouble));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const message = `the comparison of voices ended: ${event.message}`;
    verdict.reject(new RuntimeError("stopped", message));
    enough.abort();
  };
  return { enough: enough.signal, verdict: verdict.promise };
}
