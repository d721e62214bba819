/** The guards of VMs with shadows. */
import type { Mutant } from './mutant.ts';

export const pairMutants: readonly Mutant[] = [
  {
    name: 'frames-before-acknowledged',
    guard: 'no frame of an original leaves before its shadow could go on from there',
    file: 'src/sim/world/protection/output.ts',
    find: '    pair.since.push(output);',
    replace: "    if (output.type === 'Frame') output.go();\n    else pair.since.push(output);",
  },
  {
    name: 'writes-before-acknowledged',
    guard: 'no write of an original is seen before its shadow could go on from there',
    file: 'src/sim/world/protection/output.ts',
    find: '    pair.since.push(output);',
    replace: "    if (output.type === 'Write') output.go();\n    else pair.since.push(output);",
  },
  {
    name: 'alone-without-arbiter',
    guard: 'an original goes on alone only once nobody can succeed it',
    file: 'src/agent/protection/primary.ts',
    find: 'const word = await disinherit(agent, instance).catch(',
    replace: 'const word = await Promise.resolve({ won: true, holder: uid }).catch(',
  },
  {
    name: 'live-without-arbiter',
    guard: 'a shadow goes on only when the arbiter has made it the holder',
    file: 'src/agent/protection/shadow.ts',
    find: "  if (!word.won) return { protection: { instanceUID, stage: 'Refused' } };",
    replace: '',
  },
  {
    name: 'protected-before-appointed',
    guard: 'it is said that a shadow could go on only once the arbiter knows it',
    file: 'src/agent/protection/primary.ts',
    find: 'if (agent.heirs.get(uid) !== shadow.instanceUID) {',
    replace: 'if (agent.heirs.get(uid) === shadow.instanceUID) {',
  },
  {
    name: 'shadow-beside-its-original',
    guard: 'a shadow is never on the host of its original',
    file: 'src/domain/protection/pairing.ts',
    find: 'return { ...mover, placement: { ...mover.placement, nodeSelector } };',
    replace: "return { ...mover, leaves: '', placement: { ...mover.placement, nodeSelector } };",
  },
  {
    name: 'yields-to-the-dead',
    guard: 'an original dies for its shadow only while that was heard a moment ago',
    file: 'src/agent/protection/primary.ts',
    find: 'if (own.lagMs > freshIntervals * own.intervalMs) return',
    replace: 'if (own.lagMs > 1e9 * own.intervalMs) return',
  },
  {
    name: 'starts-beside-its-heir',
    guard: 'who starts a guest from its disks leaves nobody who could succeed it',
    file: 'src/agent/arbiters.ts',
    find: 'const own = await arbiter.appoint(spec.virtualMachineUID, metadata.uid, undefined);',
    replace: 'const own = await arbiter.confirm(spec.virtualMachineUID, metadata.uid);',
  },
  {
    name: 'gone-on-and-forgotten',
    guard: 'of an original that says so, its shadow is the VM, dead or alive',
    file: 'src/domain/moving.ts',
    find: '[moveTo?.instanceUID, shadow?.instanceUID]',
    replace: '[moveTo?.instanceUID]',
  },
];
