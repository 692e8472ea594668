/** What both ends of perception say of templates and of errors. */
import { HardwareError } from "../../hardware/errors.ts";
import { RuntimeError } from "../errors.ts";
import type { Perception, Template } from "../world.ts";

/** Throws `model_invalid` unless the template was made by this very model. */
export function checkTemplate(
  template: Template,
  perception: Pick<Perception, "model" | "preset" | "dim">,
): void {
  const { model, preset, values } = template;
  if (
    model === perception.model && preset === perception.preset && values.length === perception.dim
  ) return;
  throw new RuntimeError(
    "model_invalid",
    `a template of ${preset}/${values.length}/${model.slice(0, 12)} cannot be compared with ` +
      `${perception.preset}/${perception.dim}/${perception.model.slice(0, 12)}; enrol again`,
  );
}

/** One line for an operator, whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof HardwareError) return `${error.kind}: ${error.message}`;
  return String(error instanceof Error ? error.message : error).split("\n")[0]!;
}
