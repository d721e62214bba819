// From whom an instance takes the arbiter: from the dead whom it replaces, and from nobody else (rule 1). Both kinds of arbiter.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { guestFinalizer, VirtualMachineInstance } from '../../../src/api/virtual-machine-instance.ts';
import { moveBench, says, type ArbiterKind, type MoveBench } from '../moves/bench.ts';

/** `b` on rack-2, which replaces these, while `a` holds the VM; the host of `a` has lost its power. */
async function successor(kind: ArbiterKind, replaces: (a: VirtualMachineInstance) => string): Promise<MoveBench> {
  const at = await moveBench(kind);
  const a = await at.make('a', 'rack-1');
  await at.untilPhase('a', 'Running');
  await at.inject({ type: 'PowerLoss', host: 'rack-1' });
  const { apiVersion, kind: type, spec } = a;
  const draft = { apiVersion, kind: type, metadata: { name: 'b', namespace: 'shop', finalizers: [guestFinalizer] } };
  const next = { ...spec, nodeName: 'rack-2', incarnation: 2, replaces: [replaces(a)] };
  await at.during(at.person.create(VirtualMachineInstance, { ...draft, spec: next }));
  return at;
}

for (const kind of ['datastore', 'lease'] as const)
  describe(`an instance that replaces others, arbiter: ${kind}`, () => {
    it('takes the VM from one of them', async () => {
      const at = await successor(kind, (a) => a.metadata.uid);
      const { metadata } = await at.untilPhase('b', 'Running');
      assert.equal(await at.holder(), metadata.uid);
      assert.equal(at.lives().length, 2);
      await at.stop();
    });

    it('takes it from nobody else, and says who has it', async () => {
      const at = await successor(kind, () => 'another');
      await at.until(async () => says(await at.get('b')).endsWith('HeldElsewhere'));
      await at.clock.advance(30_000);
      assert.equal(await at.holder(), (await at.get('a')).metadata.uid);
      assert.equal(at.lives().length, 1);
      await at.stop();
    });

    it('that ends before it ran leaves nothing of them behind', async () => {
      const at = await successor(kind, (a) => a.metadata.uid);
      await at.remove('b');
      await at.untilGone('b');
      assert.equal(await at.holder(), undefined);
      await at.stop();
    });
  });
