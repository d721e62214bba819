/** Plays a plan: the whole system in one process on a virtual clock, and the rules judged while it goes. */
import { runAgent } from '../../src/agent/agent.ts';
import { runOperator } from '../../src/controllers/operator.ts';
import { messageOf } from '../../src/base/errors.ts';
import type { Log } from '../../src/base/log.ts';
import { seededRandom, type Random } from '../../src/base/random.ts';
import { runGc } from '../../src/gc/run-gc.ts';
import type { WorldFault } from '../../src/ports/world.ts';
import { memoryDisk } from '../../src/sim/disk.ts';
import { defaultFabric } from '../../src/sim/world/network/network.ts';
import { runSimulation } from '../../src/sim/simulation.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import { apiProcess, type ApiProcess, type Beginning } from './api-process.ts';
import { armed as arm, type Armed } from './armed.ts';
import { Book, tapped } from './book.ts';
import { diskFaults } from './disk-faults.ts';
import { banGlobals } from './globals.ts';
import { happen, heal, inject, type Site } from './happenings.ts';
import { troubledPort } from './host-port.ts';
import { judgeChange, judgeEntry, type Scene, type Violation } from './judge.ts';
import { logInto } from './log.ts';
import { Mirror } from './mirror.ts';
import { network, newLink, type Network } from './network.ts';
import { faultyUntil, settleMs, type Plan } from './plan.ts';
import { skewed, startProcess, type SimulatedProcess } from './process.ts';
import { picture, unsettled } from './rest.ts';
import type { Outcome } from './outcome.ts';
import { Judges } from './judges.ts';
import { scheduler, type Scheduler } from './scheduler.ts';
import { Sight } from './sight.ts';
import { aboutVm } from './steps.ts';
import { unseat } from './unseat.ts';
import { poolName, user as newUser, type User } from './user.ts';
import { Writes } from './writes.ts';

export interface PlayOptions {
  readonly beginning: Beginning;
  /** Gets every line of the trace. */
  readonly tell?: (line: string) => void;
}

/** For coming to rest once faults have stopped. */
const patienceMs = 20 * 60_000;
const quietMs = 120_000;
/** Wires on which larger frames are lost: a switch that is set to more cuts its hosts off. */
const fabric = { ...defaultFabric, mtu: 1500 };

export async function play(plan: Plan, options: PlayOptions): Promise<Outcome> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const allow = banGlobals();
  try {
    return await new Stage(plan, options).play();
  } finally {
    allow();
    Error.stackTraceLimit = limit;
  }
}

class Stage {
  readonly #plan: Plan;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #armed: Armed;
  readonly #book = new Book();
  readonly #judges: Judges;
  readonly #unplugged = new Map<string, number>();
  readonly #scene: Scene;
  readonly #writes: Writes;
  readonly #violations: Outcome['violations'][number][] = [];
  readonly #api: ApiProcess;
  readonly #network: Network;
  readonly #user: User;
  readonly #skews: number[];
  readonly #worldDisk;
  readonly #log: Log;
  #world: SimulatedWorld | undefined;
  #restMs = 0;
  readonly #sight: Sight;

  constructor(plan: Plan, { beginning, tell }: PlayOptions) {
    this.#plan = plan;
    this.#scheduler = scheduler(tell);
    this.#random = seededRandom(plan.seed ^ 0x5eed);
    const { clock, trace } = this.#scheduler;
    this.#armed = arm(plan.strikes, clock, trace);
    const broken = (violation: Violation): void => {
      trace.note(`BROKEN rule ${violation.rule}: ${violation.text}`);
      this.#violations.push({ ...violation, atMs: clock.monotonic(), line: trace.length() });
    };
    this.#log = logInto(this.#scheduler, broken);
    const mirror = new Mirror((kind, before, after) => {
      judgeChange(this.#scene, kind, before, after);
      this.#judges.change(kind, before, after);
    });
    this.#sight = new Sight(plan, clock, broken);
    this.#scene = { book: this.#book, mirror, user: () => this.#user, broken, troubled: () => this.#armed.cost(), ...this.#sight.truth() };
    const isServed = (): boolean => this.#api.store() !== undefined;
    const [scene, sight, unplugged] = [this.#scene, this.#sight, this.#unplugged];
    this.#judges = new Judges({ scene, clock, plan, mirror, sight, unplugged, isServed });
    this.#writes = new Writes(broken);
    this.#api = apiProcess({
      scheduler: this.#scheduler,
      random: this.#fork(),
      log: this.#log,
      beginning,
      ...diskFaults(this.#armed, (power, ms) => {
        this.#api.crash(power, ms);
      }),
    });
    this.#api.onUp((store) => {
      mirror.follow(store);
    });
    this.#network = network({
      clock,
      random: this.#fork(),
      trace,
      armed: this.#armed,
      handle: (request, signal) => this.#api.handle(request, signal),
      crashServer: (ms) => {
        this.#api.crash('lost', ms);
      },
      meddle: (step, request) => this.#meddle(aboutVm(step, request.body)),
      seen: (party, step, request, status) => {
        if (status < 500) this.#writes.seen(party, step, request, clock.monotonic());
      },
    });
    this.#worldDisk = memoryDisk({ random: this.#fork(), pause: (operation) => clock.sleep(operation === 'sync' ? 0.2 : 0.01) });
    this.#skews = [...plan.skews];
    const runtime = { id: 'user', clock, random: this.#fork(), log: this.#log, stopping: new AbortController().signal };
    const idle = { who: 'user', role: 'user', crash: () => undefined, pause: () => undefined, link: newLink() };
    this.#user = newUser({
      plan,
      runtime,
      controlPlane: this.#network(idle),
      direct: (request, signal) => this.#api.handle(request, signal),
    });
  }

  #fork(): Random {
    return seededRandom(this.#random.integer(2 ** 32));
  }

  async play(): Promise<Outcome> {
    const { clock, trace } = this.#scheduler;
    let over = false;
    this.#direct().then(
      () => (over = true),
      (error: unknown) => {
        this.#scene.broken({ rule: 'defect', text: `the simulation itself failed: ${messageOf(error)}` });
      },
    );
    this.#judges.watch(() => this.#world);
    const most = faultyUntil(this.#plan.minutes) + patienceMs + quietMs + 3_600_000;
    try {
      await clock.until(() => over || this.#violations.length > 0, most);
    } catch (error) {
      this.#scene.broken({ rule: 'defect', text: `time could not go on: ${messageOf(error)}` });
    }
    return {
      violations: this.#violations,
      hash: trace.hash(),
      lines: trace.length(),
      simulatedMs: clock.monotonic(),
      faults: [...this.#armed.met.values()].reduce((sum, count) => sum + count, 0),
      met: Object.fromEntries(this.#armed.met),
      writes: this.#writes.total,
      highest: this.#writes.highest,
      restMs: this.#restMs,
      downtimes: this.#book.downtimes,
      ...this.#judges.outcome(),
    };
  }

  async #direct(): Promise<void> {
    const { clock } = this.#scheduler;
    const { wishes, happenings, minutes } = this.#plan;
    const site = this.#site();
    await this.#user.install();
    await clock.sleep(Math.max(0, settleMs - 1000 - clock.monotonic()));
    for (const wish of wishes)
      void this.#at(wish.at, () => {
        this.#user.wish(wish);
      });
    for (const happening of happenings)
      void this.#at(happening.at, () => {
        happen(site, happening);
      });
    await clock.sleep(faultyUntil(minutes) - clock.monotonic());
    await heal(site);
    await this.#comeToRest(site);
    await this.#stayQuiet();
    await clock.sleep(Math.max(0, minutes * 60_000 - clock.monotonic()));
  }

  async #at(ms: number, act: () => void): Promise<void> {
    const { clock } = this.#scheduler;
    await clock.sleep(ms - clock.monotonic());
    act();
  }

  /** Hosts whose Node was deleted boot once more, which registers it: then all must come to rest. */
  async #comeToRest(site: Site): Promise<void> {
    const { clock } = this.#scheduler;
    const from = clock.monotonic();
    // What was under way when faults stopped ends by itself by then.
    await clock.sleep(60_000);
    for (let rebooted = false; ;) {
      const left = this.#unsettled();
      if (left.length === 0) break;
      const waited = clock.monotonic() - from;
      if (waited > 150_000 && !rebooted) {
        rebooted = true;
        for (const host of site.hosts.filter((name) => this.#scene.mirror.node(name) === undefined))
          this.#forAWhile({ type: 'PowerLoss', host }, 1000);
      }
      if (waited > patienceMs) {
        for (const line of picture(this.#scene)) this.#scheduler.trace.note(line);
        for (const violation of left.slice(0, 5)) this.#scene.broken({ ...violation, text: `never came to rest: ${violation.text}` });
        return;
      }
      await clock.sleep(5000);
    }
    this.#restMs = clock.monotonic() - from;
  }

  async #stayQuiet(): Promise<void> {
    const { clock } = this.#scheduler;
    // Figures of HostClusters and last words of what has just come to rest.
    await clock.sleep(90_000);
    this.#writes.mustBeQuiet(clock.monotonic());
    await clock.sleep(quietMs);
    for (const violation of this.#unsettled()) this.#scene.broken({ ...violation, text: `did not stay at rest: ${violation.text}` });
  }

  #unsettled(): Violation[] {
    return [...unsettled(this.#scene), ...this.#judges.unsettled()];
  }

  #site(): Site {
    const { clock } = this.#scheduler;
    const operators = [0, 1].map((index) => this.#operator(index));
    return {
      clock,
      armed: this.#armed,
      api: this.#api,
      operators,
      collector: this.#process(
        'gc',
        'gc',
        () => 0,
        ({ controlPlane, runtime }) => runGc(controlPlane, runtime),
      ),
      simulation: this.#simulation(),
      world: () => this.#world,
      user: this.#user,
      hosts: this.#sight.hosts,
      linkOf: (host) => this.#sight.linkOf(host),
      weatherOf: (host) => this.#sight.weatherOf(host),
      skews: this.#skews,
      unplugged: this.#unplugged,
      changed: () => this.#sight.refresh(),
      lost: this.#sight.lost,
      unseat: () => unseat((request, signal) => this.#api.handle(request, signal), clock, this.#random),
    };
  }

  #process(
    name: string,
    role: string,
    skew: () => number,
    run: Parameters<typeof startProcess>[0]['run'],
    more: Pick<Parameters<typeof startProcess>[0], 'died' | 'link' | 'paused'> = {},
  ): SimulatedProcess {
    const { clock, trace } = this.#scheduler;
    const random = this.#fork();
    return startProcess({
      name,
      role,
      clock,
      random,
      log: this.#log,
      trace,
      network: this.#network,
      skew,
      run,
      ...more,
    });
  }

  #operator(index: number): SimulatedProcess {
    const name = `operator-${String(index)}`;
    const skew = (): number => this.#skews[this.#plan.hosts + index] ?? 0;
    const link = newLink();
    const run: Parameters<typeof startProcess>[0]['run'] = ({ controlPlane, runtime, life, isStill }) => {
      const identity = this.#plan.sameIdentity ? name : runtime.id;
      const options = { controlPlane, runtime, identity, version: 'simulated' };
      const site = this.#plan.fencing === undefined ? {} : { site: this.#sight.site(life, link, isStill) };
      return runOperator({ ...options, ...site }).done;
    };
    return this.#process(name, 'operator', skew, run, { link, paused: () => this.#sight.refreshSoon() });
  }

  #simulation(): SimulatedProcess {
    const died = (): void => {
      this.#world = undefined;
      this.#sight.disconnect();
      this.#worldDisk.crash('lost');
    };
    return this.#process(
      'simulation',
      'simulation',
      () => 0,
      (incarnation) => this.#runWorld(incarnation),
      {
        died,
        paused: (isStill) => {
          this.#sight.stand(isStill);
        },
      },
    );
  }

  #runWorld({ controlPlane, runtime }: Parameters<Parameters<typeof startProcess>[0]['run']>[0]): Promise<void> {
    const { trace, clock } = this.#scheduler;
    const journal = new TextDecoder().decode(this.#worldDisk.peek('world.log') ?? new Uint8Array());
    this.#book.reread(journal);
    this.#judges.reread(journal);
    const disk = tapped(this.#worldDisk.mount(), (entry) => {
      trace.note(`world ${JSON.stringify(entry)}`);
      judgeEntry(this.#scene, entry);
      this.#sight.judge(entry);
      this.#judges.entry(entry);
      this.#book.apply(entry);
    });
    const random = this.#fork();
    return runSimulation({
      runtime,
      disk,
      controlPlane,
      settings: this.#plan.scenario === 'switch' ? { fabric } : {},
      connect: (host) =>
        this.#network({
          who: `agent ${host}`,
          role: 'agent',
          crash: (ms) => {
            this.#forAWhile({ type: 'AgentCrash', host }, ms);
          },
          pause: (ms) => {
            this.#forAWhile({ type: 'HostHang', host }, ms);
          },
          link: this.#sight.linkOf(host),
        }),
      startAgent: ({ name, port, controlPlane: reached, runtime: own }) => {
        const index = Number(name.slice(poolName.length + 1)) - 1;
        const host = troubledPort(port, {
          host: name,
          clock: own.clock,
          random,
          trace,
          armed: this.#armed,
          weather: this.#sight.weatherOf(name),
          crashAgent: (ms) => {
            this.#forAWhile({ type: 'AgentCrash', host: name }, ms);
          },
          losePower: (ms) => {
            this.#forAWhile({ type: 'PowerLoss', host: name }, ms);
          },
          meddle: () => this.#meddle(this.#random.integer(this.#plan.vms.length)),
        });
        return runAgent({
          nodeName: name,
          host,
          controlPlane: reached,
          runtime: { ...own, clock: skewed(own.clock, () => this.#skews[index] ?? 0) },
        });
      },
      onWorld: (world) => {
        this.#world = world;
        this.#sight.connect(world);
        for (const host of this.#sight.lost) inject({ world: () => world }, { type: 'PowerLoss', host });
        this.#judges.begin(world);
        trace.note(`the world is there at ${String(clock.now())}`);
      },
    });
  }

  #forAWhile(fault: WorldFault, ms: number): void {
    const end = inject({ world: () => this.#world }, fault);
    void this.#scheduler.clock.sleep(ms).then(end);
  }

  #meddle(name: string | number | undefined): Promise<void> {
    const vm = typeof name === 'number' ? name : (this.#user.indexOf(name ?? '') ?? this.#random.integer(this.#plan.vms.length));
    return this.#user.meddle(vm, this.#random);
  }
}
