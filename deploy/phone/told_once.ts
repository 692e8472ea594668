/** Questions to an account are asked for again and again; whoever listens hears of each once. */

export class ToldOnce<Question> {
  readonly #told = new Set<string>();

  constructor(
    private readonly nameOf: (question: Question) => string,
    private readonly tell: (question: Question) => void,
  ) {}

  /** All that are open now: what is new is told, what is over is forgotten. */
  open(questions: readonly Question[]): void {
    const open = new Set(questions.map(this.nameOf));
    for (const name of this.#told) if (!open.has(name)) this.#told.delete(name);
    for (const question of questions) {
      const name = this.nameOf(question);
      if (this.#told.has(name)) continue;
      this.#told.add(name);
      this.tell(question);
    }
  }
}
