import { PortError } from '../../ports/errors.ts';
import { powerCame, powerWent } from './network/hooks.ts';
import { settleManagement } from './network/management-path.ts';
import { hostChanged, hostDied } from './protection/ends.ts';
import { hasFault, type AgentProcess, type Machine, type WorldCore } from './machine.ts';

/** Starts the agent of a machine; `ended` is called when it ended by itself. */
export type Launch = (machine: Machine, ended: (process: AgentProcess) => void) => AgentProcess;

/** Makes the machine what its faults let it be. To be called after each change of them. */
export function settleMachine(core: WorldCore, machine: Machine, launch: Launch): void {
  settleManagement(core, machine);
  settleHang(machine);
  if (hasFault(machine, 'PowerLoss') || machine.heldOff) {
    if (machine.powered) cutPower(core, machine);
  } else if (!machine.powered) void powerOn(core, machine, launch);
  if (hasFault(machine, 'AgentCrash')) crashAgent(machine);
  else keepAgent(core, machine, launch);
  core.flows.changed();
  hostChanged(core, machine);
  machine.surroundings.push('Changed');
  core.changed(machine.name);
}

/** The power is gone: guests and agent are dead at once, and nobody is told. */
export function cutPower(core: WorldCore, machine: Machine): void {
  machine.powered = false;
  machine.up = false;
  machine.boot++;
  machine.attached.clear();
  crashAgent(machine);
  const instances = [...machine.runs.keys()];
  for (const runs of [machine.runs, machine.standing]) {
    for (const run of runs.values()) run.end();
    runs.clear();
  }
  const by = machine.heldOff && !hasFault(machine, 'PowerLoss') ? ({ by: 'BMC' } as const) : {};
  core.commit({ type: 'PowerCut', host: machine.name, instances, ...by }).catch(() => undefined);
  hostDied(machine);
  powerWent(core, machine);
  cutStreams(machine);
}

function cutStreams({ incoming, name, outgoing }: Machine): void {
  const reason = new PortError('Unreachable', `host ${name} lost its power`);
  for (const stream of [...outgoing.values()]) stream.sourceGone(reason);
  for (const stream of [...incoming.values()]) stream.targetGone(reason);
  outgoing.clear();
  incoming.clear();
}

async function powerOn(core: WorldCore, machine: Machine, launch: Launch): Promise<void> {
  const { clock, random, stopping } = core.runtime;
  machine.powered = true;
  const boot = ++machine.boot;
  await clock.sleep(core.settings.hostBootMs, stopping).catch(() => undefined);
  if (machine.boot !== boot || stopping.aborted) return;
  machine.up = true;
  machine.bootedAt = clock.now();
  machine.bootId = random.uuid();
  core.flows.changed();
  powerCame(core, machine);
  hostChanged(core, machine);
  keepAgent(core, machine, launch);
  core.changed(machine.name);
}

function settleHang(machine: Machine): void {
  const hung = hasFault(machine, 'HostHang');
  if (hung === machine.hung) return;
  machine.hung = hung;
  for (const run of [...machine.runs.values(), ...machine.standing.values()]) {
    if (hung) run.hang(machine);
    else run.recover(machine);
  }
  if (hung) machine.agent?.life.freeze();
  else machine.agent?.life.thaw();
}

function crashAgent(machine: Machine): void {
  machine.agent?.life.kill();
  machine.agent = undefined;
}

function keepAgent(core: WorldCore, machine: Machine, launch: Launch): void {
  if (machine.agent !== undefined || !machine.up || hasFault(machine, 'AgentCrash') || core.runtime.stopping.aborted) return;
  machine.agent = launch(machine, (process) => void startAgain(core, machine, launch, process));
  if (machine.hung) machine.agent.life.freeze();
}

async function startAgain(core: WorldCore, machine: Machine, launch: Launch, process: AgentProcess): Promise<void> {
  if (machine.agent !== process) return;
  machine.agent = undefined;
  core.changed(machine.name);
  await core.runtime.clock.sleep(core.settings.agentRestartMs, core.runtime.stopping).catch(() => undefined);
  keepAgent(core, machine, launch);
  core.changed(machine.name);
}
