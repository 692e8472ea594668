/**
 * The Worker of the page on which voices are enrolled: what is said is heard and compared beside
 * the page, and nothing of it is in the page's own memory until it is a sealed voice.
 */
import type { VoiceTemplate } from "../../runtime/perception/voice/template.ts";
import { Recorder, type Take } from "./recorder.ts";

type Request =
  /** No answer. */
  | { readonly verb: "sound"; readonly samples: Float32Array; readonly rate_hz: number }
  | { readonly verb: "take"; readonly ticket: number; readonly said: readonly number[] }
  | { readonly verb: "finish" | "forget"; readonly ticket: number };
type Answer = Take | VoiceTemplate | null;

interface Scope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
const recorder = new Recorder();

scope.onmessage = ({ data }) => {
  if (data.verb === "sound") return recorder.push(data.samples, data.rate_hz);
  serve(data);
};

async function serve(request: Exclude<Request, { verb: "sound" }>): Promise<void> {
  const { ticket } = request;
  try {
    const answer = await answerTo(request);
    const numbers = answer !== null && "values" in answer ? [answer.values, answer.spreads] : [];
    scope.postMessage({ ticket, answer }, numbers.map(({ buffer }) => buffer));
  } catch (error) {
    scope.postMessage({ ticket, trouble: error instanceof Error ? error.message : "unknown" }, []);
  }
}

async function answerTo(request: Exclude<Request, { verb: "sound" }>): Promise<Answer> {
  if (request.verb === "take") return await recorder.take(request.said);
  if (request.verb === "finish") return recorder.finish();
  recorder.forget();
  return null;
}
