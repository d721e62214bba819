/** What is known of the move `go` of VM `web`, which runs on h1, and what is decided of it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { VirtualMachineMigration } from '../../src/api/virtual-machine-migration.ts';
import { decideMigration, type MigrationDecision, type MigrationView } from '../../src/domain/migration.ts';
import { aMoveOf, type MoveParts } from './moves.ts';
import { aCluster, anInstance, aVm, epoch } from './objects.ts';

export const second = 1000;
export const minute = 60 * second;
export const began = Date.parse(epoch);

export const vm = aVm('web', { status: { hostCluster: 'main', instance: 'web-1', nodeName: 'h1' } });
export const source = anInstance(vm, 'h1');

export const aMove = (parts: MoveParts = {}): VirtualMachineMigration => aMoveOf('web', parts);

export function view(parts: Partial<MigrationView> = {}): MigrationView {
  const usual = {
    migration: aMove(),
    vm,
    instances: [source],
    others: [],
    now: began + second,
    booking: 'None' as const,
    cluster: () => aCluster(),
    answers: () => true,
    isFenced: () => false,
    whereIs: () => 'Member' as const,
    refusal: () => undefined,
    place: () => ({ host: 'h2' }),
    isItsTurn: () => true,
  };
  return { ...usual, ...parts };
}

/** `wait Queued`, `follow Transferring SourceUnreachable`, `admit`. */
export function word(decision: MigrationDecision): string {
  const phase = decision.do === 'follow' ? [decision.phase] : [];
  return [decision.do, ...phase, ...('reason' in decision ? [decision.reason] : [])].join(' ');
}

type Row = readonly [what: string, parts: Partial<MigrationView>, decision: string];

export function play(rows: readonly Row[], usual: Partial<MigrationView> = {}): void {
  for (const [what, parts, decision] of rows) {
    it(`${what}: ${decision}`, () => {
      assert.equal(word(decideMigration(view({ ...usual, ...parts }))), decision);
    });
  }
}
