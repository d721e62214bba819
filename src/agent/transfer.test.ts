import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anInstance, aVm } from '../../test/builders/objects.ts';
import type { VirtualMachineInstanceStatus } from '../api/virtual-machine-instance.ts';
import type { Guest } from '../ports/guests.ts';
import type { MoveProgress } from '../ports/moves.ts';
import type { Finding } from './finding.ts';
import { guestSpecOf } from './guest-spec.ts';
import { statusOf } from './status.ts';
import { failedTransfer, newTransfer, transferAt, type MoveTo, type Transfer } from './transfer.ts';

const now = Date.parse('2026-03-01T13:00:00Z');
const moveTo: MoveTo = { migration: 'm', instance: 'b', instanceUID: 'uid-b', nodeName: 'h2', endpoint: 'e', mode: 'PreCopy' };
const mebibyte = 2 ** 20;

function progress(change: Partial<MoveProgress> = {}): MoveProgress {
  const bytes = { sentBytes: 300 * mebibyte, remainingBytes: 100 * mebibyte + 1 };
  return { stage: 'Copying', ...bytes, postCopy: false, round: 1, throttledPercent: 0, ...change };
}

describe('what is said of a transfer', () => {
  const table: [string, Partial<MoveProgress>, Partial<Transfer>][] = [
    ['how far it is', {}, { percent: 74, remaining: '101Mi' }],
    ['how long it takes still, in whole seconds', { estimatedMs: 1200 }, { percent: 74, remaining: '101Mi', estimated: '2s' }],
    ['nothing sent yet', { sentBytes: 0, remainingBytes: 0 }, { percent: 100, remaining: '0' }],
    [
      'its end, with how long the guest stood still',
      { stage: 'Done', estimatedMs: 5, downtimeMs: 12.2, postCopy: true },
      { percent: 100, remaining: '0', downtime: '13ms', postCopy: true },
    ],
  ];
  for (const [what, change, expected] of table) {
    it(what, () => {
      const stage = change.stage ?? 'Copying';
      assert.deepEqual(transferAt(moveTo, progress(change)), { instanceUID: 'uid-b', stage, ...expected });
    });
  }

  it('that failed: why, and no estimate any more', () => {
    const failed = failedTransfer(transferAt(moveTo, progress({ estimatedMs: 1 })), { reason: 'NotConverging', message: 'x'.repeat(2000) });
    assert.equal(failed.estimated, undefined);
    assert.deepEqual([failed.stage, failed.reason, failed.message?.length], ['Failed', 'NotConverging', 1024]);
  });
});

describe('what an instance says of its move', () => {
  const web = anInstance(aVm('web'), 'h1');
  const guest = (state: Guest['state']): Guest => ({
    spec: guestSpecOf(web, 'shared'),
    state,
    heartbeat: 'Silent',
    startedAt: now,
    work: 0,
  });
  const copying = newTransfer(moveTo, mebibyte);
  const failed = failedTransfer(copying, { reason: 'MemoryLost', message: '' });
  const gone: Finding = { guest: undefined };
  const said = (status: Partial<VirtualMachineInstanceStatus>, finding: Finding, isWanted = true): string => {
    const { spec, ...rest } = web;
    const instance = { ...rest, spec: isWanted ? { ...spec, moveTo } : spec, status: { ...web.status, ...status } };
    const { phase, transfer } = statusOf(instance, finding, now);
    return `${phase ?? ''} ${transfer?.stage ?? '-'}`;
  };
  const table: [string, string, string][] = [
    [
      'a guest that is here, of a transfer that was said before',
      said({ transfer: copying }, { guest: guest('Running') }),
      'Running Copying',
    ],
    ['the same, when nobody wants it any more', said({ transfer: copying }, { guest: guest('Running') }, false), 'Running -'],
    ['one that stands still', said({ transfer: copying }, { guest: guest('Paused') }), 'Running Copying'],
    ['one that is needed here still', said({ transfer: copying }, { guest: guest('Moved') }), 'Moved Arriving'],
    ['one that moved, when nothing was said before', said({}, { guest: guest('Moved') }), 'Moved Arriving'],
    ['one that is forgotten', said({ phase: 'Moved', transfer: copying }, gone), 'Moved Done'],
    ['the same, when nobody wants it any more', said({ phase: 'Moved', transfer: copying }, gone, false), 'Moved Done'],
    ['one whose memory was lost on the way', said({ phase: 'Moved', transfer: failed }, gone), 'Moved Failed'],
    ['one that waits for its memory', said({}, { guest: guest('Incoming') }, false), 'Incoming -'],
    ['one that waits for the word', said({}, { guest: guest('Received') }, false), 'Incoming -'],
  ];
  for (const [what, is, expected] of table) it(`${what}: ${expected}`, () => assert.equal(is, expected));

  it('where its memory may be sent, as long as it can be', () => {
    const endpoint = 'e';
    const at = (finding: Finding) => statusOf({ ...web, status: { ...web.status, endpoint } }, finding, now).endpoint;
    assert.equal(at({ guest: guest('Incoming') }), 'e');
    assert.equal(at({ guest: guest('Incoming'), endpoint: 'f' }), 'f');
    assert.equal(at({ guest: guest('Running') }), undefined);
  });
});
