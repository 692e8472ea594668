/**
 * What a camera's Worker does: a recogniser behind messages. It answers in the order of the
 * requests. An error of no known kind ends it; the gateway starts another.
 */
import { InvariantError } from "../errors.ts";
import type { Inference } from "./inference.ts";
import { type Protocol, type Reply, type Request, troubleOf } from "./protocol.ts";
import { Recogniser } from "./recogniser.ts";

/** The part of a Worker's global scope that is used here. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer: Transferable[]): void;
}

/** Serves a camera from now on, with the runtime that is given or with onnxruntime-web. */
export function serveCamera(scope: WorkerScope, inference?: Inference): void {
  const desk = new Desk(inference);
  let before: Promise<void> = Promise.resolve();
  scope.onmessage = ({ data }) => {
    before = before.then(() => serve(scope, desk, data));
  };
}

async function serve(scope: WorkerScope, desk: Desk, request: Request): Promise<void> {
  try {
    const answer = await desk.answerTo(request);
    scope.postMessage(
      { ticket: request.ticket, answer },
      "values" in answer && answer.values ? [answer.values.buffer] : [],
    );
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    scope.postMessage({ ticket: request.ticket, trouble }, []);
  }
}

/** The one recogniser of a Worker, once it is open. */
class Desk {
  readonly #inference: Inference | undefined;
  #recogniser: Recogniser | undefined;

  constructor(inference: Inference | undefined) {
    this.#inference = inference;
  }

  async answerTo(request: Request): Promise<Protocol[Request["verb"]]["answer"]> {
    if (request.verb === "beat") return {};
    if (request.verb === "open") {
      const { parts, settings, kernel } = request;
      this.#recogniser = await Recogniser.open(parts, settings, kernel, this.#inference);
      return { dim: this.#recogniser.dim };
    }
    const recogniser = this.#recogniser;
    if (recogniser === undefined) {
      throw new InvariantError(`a recogniser was asked to ${request.verb} before it was opened`);
    }
    switch (request.verb) {
      case "look":
        return await recogniser.look(request.frame);
      case "admit":
        return recogniser.admit(request.visit, request.values, request.rotation);
      case "wipe":
        return recogniser.wipe(request.visit);
      case "begin_anew":
        return recogniser.beginAnew();
      case "challenge":
        return recogniser.challenge(request.sides, request.at_ms);
      case "probe":
        return recogniser.probe(request.anew);
      case "clear":
        return recogniser.clear();
      case "enrol":
        return { values: await recogniser.enrol(request.pictures) };
    }
  }
}
