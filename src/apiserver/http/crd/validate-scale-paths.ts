import { messageOf } from '../../../base/errors.ts';
import { invalid, required } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { plainPath } from '../subresources/plain-path.ts';
import type { ScaleSpec } from './definition.ts';

/** What is wrong with the paths of a scale, which stands at `place`: the numbers have their parts of the object, the selector is in one of them. */
export function validateScalePaths(scale: Partial<ScaleSpec> | undefined, place: string): Cause[] {
  if (scale === undefined) return [];
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale;
  const spec = `${place}.specReplicasPath`;
  const status = `${place}.statusReplicasPath`;
  return [
    ...(specReplicasPath === '' ? [required(spec)] : below(spec, specReplicasPath, ['spec'], '.spec')),
    ...(statusReplicasPath === '' ? [required(status)] : below(status, statusReplicasPath, ['status'], '.status')),
    ...(labelSelectorPath === ''
      ? []
      : below(`${place}.labelSelectorPath`, labelSelectorPath, ['spec', 'status'], 'either .spec or .status')),
  ];
}

function below(field: string, path: string, roots: readonly string[], words: string): Cause[] {
  if (!path.startsWith('.')) return [invalid(field, path, 'must be a simple json path starting with .')];
  if (!roots.some((root) => path.startsWith(`.${root}.`))) return [invalid(field, path, `should be a json path under ${words}`)];
  return readable(field, path, plainPath);
}

/** That `read` throws on `path`, as a cause. */
export function readable(field: string, path: string, read: (path: string) => unknown, words = messageOf): Cause[] {
  try {
    read(path);
    return [];
  } catch (error) {
    return [invalid(field, path, words(error))];
  }
}
