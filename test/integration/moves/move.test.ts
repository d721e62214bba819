import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { preparedMove, says, type ArbiterKind, type MoveMode } from './bench.ts';

describe('a move, as the agents of both hosts carry it out', () => {
  for (const kind of ['datastore', 'lease'] satisfies ArbiterKind[]) {
    for (const mode of ['PreCopy', 'PostCopy', 'Auto'] satisfies MoveMode[]) {
      test(`${mode}, arbiter: ${kind}: the guest goes on at its target, and its source is forgotten`, async () => {
        const at = await preparedMove(kind);
        const incoming = await at.untilPhase('b', 'Incoming');
        assert.equal(says(incoming), 'Incoming Incoming');
        await at.send('a', 'b', mode);
        const target = await at.untilPhase('b', 'Running');
        const source = await at.untilPhase('a', 'Moved');
        await at.until(async () => (await at.get('a')).status.transfer?.stage === 'Done');
        const { transfer } = (await at.get('a')).status;
        assert.equal(transfer?.instanceUID, target.metadata.uid);
        assert.equal(transfer.percent, 100);
        assert.match(transfer.downtime ?? '', /^[0-9]+(ms|s)$/);
        assert.equal(transfer.postCopy, mode === 'PostCopy' ? true : undefined);
        assert.equal(target.status.endpoint, undefined);
        assert.equal(await at.holder(), target.metadata.uid);
        await at.until(() => Promise.resolve(at.guests().length === 1));
        assert.deepEqual(at.guests(), ['rack-2 Running']);
        await at.remove('a');
        await at.untilGone('a');
        assert.equal(await at.holder(), target.metadata.uid);
        await at.clock.advance(60_000);
        assert.deepEqual(at.guests(), ['rack-2 Running']);
        assert.equal(at.starts(), 1);
        assert.equal(source.spec.nodeName, 'rack-1');
        at.lives();
        await at.stop();
      });
    }
  }
});
