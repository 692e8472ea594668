/** For how many people at once a walk-out store is made, and how many the law allows. */
import { crowding } from "./noise.ts";

/** As many as are there or fewer in nearly all moments of the busiest hour, arrivals being
 * independent of each other (Poisson). */
export function madeFor(floor_m2: number): number {
  const mean = crowding.people_per_m2 * floor_m2;
  let people = 0;
  let share = Math.exp(-mean);
  for (let sum = share; sum < crowding.moments_share; sum += share) {
    people++;
    share *= mean / people;
  }
  return Math.max(1, people);
}

/** As many as the building code allows. */
export const lawful = (floor_m2: number) => Math.floor(crowding.lawful_people_per_m2 * floor_m2);
