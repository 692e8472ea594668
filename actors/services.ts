/**
 * What each service may do for a shopper in each situation of the visit: one table, which the
 * machine, the doors and the docs all follow, and which a test walks.
 */

/** `template`: on the cameras of the zone. `name`: told to the operator. `token`: reserved for a
 * sale. `offers`: shown on a display. `gate`: opened. */
export const services = ["template", "name", "token", "offers", "gate"] as const;
export type Service = typeof services[number];

/** Checked in by hardware alone, away or left: nothing. A phone that was not heard of lately may
 * still pay, and is offered nothing new; so may one of which nothing can be heard, as long as the
 * issuer is away. */
export const allowed: Readonly<Record<string, readonly Service[]>> = {
  unopened: [],
  entered: ["template", "name", "offers"],
  present: ["template", "name", "token", "offers", "gate"],
  fading: ["template", "name", "token"],
  /** A token alone pays nothing here: it goes with what the issuer has reserved. */
  held_over: ["template", "name", "token"],
  away: [],
  leaving: [],
  left: [],
};

/** True when the service may serve a visit in this situation. */
export function may(situation: string, service: Service): boolean {
  return allowed[situation]?.includes(service) ?? false;
}
