import type { ManagedFieldsEntry } from '../../meta/objects.ts';
import type { Status } from '../../meta/status.ts';
import { failure } from '../../meta/status.ts';
import { printPath } from './element.ts';
import type { FieldSet, Path } from './field-set.ts';
import { pathsOf } from './field-set.ts';
import { intersection } from './field-algebra.ts';
import type { Managers, Writer } from './managers.ts';
import { fieldsOf, sameWriter, writerKey } from './managers.ts';

/** A field that somebody else owns and that would change. */
export interface Conflict {
  readonly owner: ManagedFieldsEntry;
  readonly path: Path;
}

/** The fields of `changed` that others than `writer` own; by owner, in order. */
export function conflictsOf(managers: Managers, writer: Writer, changed: FieldSet): Conflict[] {
  return managers
    .filter((owner) => !sameWriter(owner, writer))
    .sort((a, b) => (writerKey(a) < writerKey(b) ? -1 : 1))
    .flatMap((owner) => pathsOf(intersection(fieldsOf(owner), changed)).map((path) => ({ owner, path })));
}

/** The 409 that tells an applier what it would take from whom, in the words that clients know. */
export function conflictStatus(conflicts: readonly Conflict[]): Status {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printOwner(owner)}`,
    field: printPath(path),
  }));
  return failure(409, 'Conflict', message(conflicts), { causes });
}

function message(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${printOwner(first.owner)}: ${printPath(first.path)}`;
  }
  const lines: string[] = [];
  let last: ManagedFieldsEntry | undefined;
  for (const { owner, path } of conflicts) {
    if (owner !== last) lines.push(`conflicts with ${printOwner(owner)}:`);
    lines.push(`- ${printPath(path)}`);
    last = owner;
  }
  return `Apply failed with ${String(conflicts.length)} conflicts: ${lines.join('\n')}`;
}

/** `"kubectl-edit" with subresource "status" using v1`; of an applier the name only, as it has one entry over all versions. */
export function printOwner(owner: ManagedFieldsEntry): string {
  const subresource = owner.subresource === undefined ? '' : ` with subresource ${JSON.stringify(owner.subresource)}`;
  const name = `${JSON.stringify(owner.manager ?? '')}${subresource}`;
  return owner.operation === 'Update' ? `${name} using ${owner.apiVersion ?? ''}` : name;
}
