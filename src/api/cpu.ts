/** Levels of CPU features, as the x86-64 psABI names them: each has all features of those before it. */
import { choice } from './schema.ts';

export const baselines = ['x86-64-v1', 'x86-64-v2', 'x86-64-v3', 'x86-64-v4'] as const;

export type Baseline = (typeof baselines)[number];

export function baseline(description: string) {
  return choice(description, ...baselines);
}

/** Whether a processor of level `has` has all features of `wanted`. */
export function covers(has: Baseline, wanted: Baseline): boolean {
  return baselines.indexOf(has) >= baselines.indexOf(wanted);
}

/** What all of them have; undefined for none. */
export function common(levels: readonly Baseline[]): Baseline | undefined {
  return baselines.find((level) => levels.includes(level));
}
