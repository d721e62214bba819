import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aVm } from '../../test/builders/objects.ts';
import { newcomerOf } from './newcomer.ts';
import { place, placeErrand, refusalAt, type Candidate } from './placement.ts';

const host = (name: string, lostDatastores: readonly string[] = []): Candidate => ({
  name,
  labels: {},
  taints: [],
  cordoned: false,
  ready: true,
  cores: 16,
  capacity: { milliCores: 16_000, memoryBytes: 2 ** 36 },
  taken: { milliCores: 0, memoryBytes: 0 },
  residents: [],
  lostDatastores,
});
const disk = { name: 'root', datastore: 'shared', size: '1Gi', whenRemoved: 'Retain' } as const;
const stored = newcomerOf(aVm('web', { status: { disks: [disk], arbiter: { datastore: 'shared' } } }));

describe('a VM with disks on a datastore', () => {
  const hosts = [host('h1', ['shared']), host('h2', ['other', 'shared']), host('h3', ['other'])];

  it('goes to a host that reaches it', () => {
    assert.deepEqual(place(stored, hosts), { host: 'h3' });
  });

  it('goes nowhere else, and the figures say why (rule 11)', () => {
    assert.deepEqual(place(stored, hosts.slice(0, 2)), { message: '0/2 hosts: 2 that do not reach datastore shared' });
    assert.deepEqual(refusalAt(stored, hosts, 'h1'), { reason: 'LosesDatastore', words: 'that do not reach datastore shared' });
  });

  it('needs that of its lease too; one that has neither disks nor lease there needs none', () => {
    const leased = newcomerOf(aVm('web', { status: { arbiter: { datastore: 'other' } } }));
    assert.equal(refusalAt(leased, hosts, 'h3')?.reason, 'LosesDatastore');
    assert.equal(refusalAt(newcomerOf(aVm('web')), hosts, 'h2'), undefined);
  });
});

it('disks are removed rather by a host that reaches all datastores', () => {
  assert.deepEqual(placeErrand([host('h1', ['shared']), host('h2')]), { host: 'h2' });
});
