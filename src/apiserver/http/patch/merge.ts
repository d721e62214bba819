import { isFields } from '../values.ts';
import type { Fields } from '../values.ts';

/** RFC 7386: `patch` over `target`; null takes a field away. Neither is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const result: Fields = isFields(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    // An assignment to this name would set the prototype.
    if (name === '__proto__') continue;
    if (value === null) delete result[name];
    else result[name] = isFields(value) ? mergePatch(result[name], value) : value;
  }
  return result;
}
