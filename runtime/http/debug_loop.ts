/** `/debug/loop`: how late the event loop has been, for whoever asks why a lane is slow. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Lag } from "./lag.ts";

const body = z.object({
  measured: z.boolean().openapi({ description: "False where the world has no real time." }),
  ticks: z.int(),
  p50_ms: z.int(),
  p99_ms: z.int(),
  p999_ms: z.int(),
  max_ms: z.int(),
}).openapi("LoopLag");

const route = createRoute({
  method: "get",
  path: "/debug/loop",
  summary: "How late a timer of one millisecond comes",
  tags: ["debug"],
  security: [{ key: [] }, {}],
  responses: {
    200: {
      description: "Since the start; a commit to the disk is among what holds the loop up.",
      content: { "application/json": { schema: body } },
    },
  },
});

/** Adds `/debug/loop`. */
export function loopRoute(app: OpenAPIHono, lag: (() => Lag) | undefined): void {
  app.openapi(route, (context) => {
    const now = lag?.();
    if (now === undefined) {
      const none = { ticks: 0, p50_ms: 0, p99_ms: 0, p999_ms: 0, max_ms: 0 };
      return context.json({ measured: false, ...none }, 200);
    }
    const { ticks, max_ms } = now;
    const [p50_ms, p99_ms, p999_ms] = [0.5, 0.99, 0.999].map(now.quantile_ms);
    return context.json({
      measured: true,
      ticks,
      p50_ms: p50_ms!,
      p99_ms: p99_ms!,
      p999_ms: p999_ms!,
      max_ms,
    }, 200);
  });
}
