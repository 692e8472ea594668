// A Worker that is asked one thing at a time, by ticket.

export class Desk {
  #worker;
  #waiting = new Map();
  #ticket = 0;

  constructor(script) {
    this.#worker = new Worker(script, { type: "module" });
    this.#worker.onmessage = ({ data: { ticket, answer, trouble } }) => {
      const waiting = this.#waiting.get(ticket);
      this.#waiting.delete(ticket);
      if (trouble === undefined) waiting.resolve(answer);
      else waiting.reject(new Error(trouble));
    };
    this.#worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message));
    };
  }

  ask(verb, more = {}, transfer = []) {
    const ticket = ++this.#ticket;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { resolve, reject });
      this.#worker.postMessage({ ticket, verb, ...more }, transfer);
    });
  }

  /** What needs no answer. */
  tell(verb, more, transfer) {
    this.#worker.postMessage({ verb, ...more }, transfer);
  }

  close() {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error("stopped"));
    this.#waiting.clear();
  }
}
