import { describeCause, type Cause } from '../field-errors.ts';
import type { JsonSchema } from '../schema.ts';
import { structural } from '../structural.ts';
import { completenessCauses } from './completeness.ts';
import { defaultCauses } from './defaults.ts';
import { keywordCauses } from './keywords.ts';
import { ruleCauses, ruleFormCauses } from './rules.ts';
import { structureCauses } from './structure.ts';

/**
 * What is wrong with a CRD's schema, which stands at `path`, such as `spec.versions[0].schema.openAPIV3Schema`. Rules are compiled only
 * when the rest is sound, for their types come from it.
 */
export function validateStructural(schema: JsonSchema, path: string): Cause[] {
  const structure = [...structureCauses(schema, path), ...completenessCauses(schema, path)].sort(byWords);
  const keywords = [...keywordCauses(schema, path), ...ruleFormCauses(structural(schema, true), path)];
  const defaults = structure.length === 0 && keywords.length === 0 ? defaultCauses(schema, path) : [];
  const causes = [...structure, ...defaults, ...keywords];
  return causes.length > 0 ? causes : ruleCauses(schema, path);
}

function byWords(a: Cause, b: Cause): number {
  const [left, right] = [describeCause(a), describeCause(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
