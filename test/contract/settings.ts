import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Setting, SettingRef } from '../../src/api/setting.ts';
import type { Settings } from '../../src/ports/settings.ts';
import { refused } from './host-bench.ts';

/** One host, as the suite handles it. */
export interface SettingsBench {
  /** The settings as the host's agent has them; after a boot or a crash, those of the next agent. */
  settings(): Settings;
  /** For each family one setting that may be changed without harm, and another value than it has. */
  readonly harmless: readonly Setting[];
  /** Settings that cut the host off from its manager. */
  readonly severing: readonly Setting[];
  /** What no host knows. */
  readonly unknown: readonly SettingRef[];
  /** Values that the host could not be given. */
  readonly wrong: readonly Setting[];
  /** Whether the host reaches its manager. */
  reaches(): Promise<boolean>;
  /** Another one after each boot. */
  bootId(): Promise<string>;
  losePower(): Promise<void>;
  until(so: () => Promise<boolean>): Promise<void>;
  during<T>(work: Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** What Settings in src/ports/settings.ts promises, held against one implementation. */
export function settingsContract(name: string, make: () => Promise<SettingsBench>): void {
  describe(`${name} keeps the contract of Settings`, () => {
    let bench: SettingsBench;
    beforeEach(async () => {
      bench = await make();
    });
    afterEach(() => bench.dispose());

    readContract(() => bench);
    writeContract(() => bench);
    noteContract(() => bench);
    severingContract(() => bench);
  });
}

async function valueOf(settings: Settings, { family, key }: SettingRef): Promise<unknown> {
  const [reading] = await settings.read([{ family, key }]);
  return reading !== undefined && 'value' in reading ? reading.value : assert.fail(`${family} ${key} cannot be read`);
}

function readContract(bench: () => SettingsBench): void {
  test('settings are read in the order in which they are asked for', async () => {
    const refs = [...bench().harmless].reverse().map(({ family, key }) => ({ family, key }));
    const found = await bench().settings().read(refs);
    assert.deepEqual(
      found.map(({ family, key }) => ({ family, key })),
      refs,
    );
  });

  test('what no host knows is refused in words, by itself: the others are read', async () => {
    const [known] = bench().harmless;
    assert.ok(known !== undefined);
    for (const ref of bench().unknown) {
      const [one, other] = await bench().settings().read([ref, known]);
      assert.ok(one !== undefined && 'refused' in one && one.refused !== '', `${ref.family} ${ref.key}`);
      assert.ok(other !== undefined && 'value' in other);
      await refused(
        bench()
          .settings()
          .write({ ...ref, value: '1' }),
        'NotFound',
      );
    }
  });

  test('a host as it came has changed nothing', async () => {
    assert.deepEqual(await bench().settings().changed(), []);
  });
}

function writeContract(bench: () => SettingsBench): void {
  test('what is written is read, also when it is written twice; and is said to differ from what the host came with', async () => {
    for (const setting of bench().harmless) {
      const { settings } = bench();
      const before = await valueOf(settings(), setting);
      assert.notDeepEqual(before, setting.value);
      assert.equal(await settings().refusal(setting), undefined);
      await settings().write(setting);
      await settings().write(setting);
      assert.deepEqual(await valueOf(settings(), setting), setting.value);
      const changed = await settings().changed();
      assert.deepEqual(changed, [{ ...setting, original: before }]);
      await settings().write({ ...setting, value: changed[0]?.original ?? null });
      assert.deepEqual(await settings().changed(), []);
    }
  });

  test('a value that the host could not be given is refused in words, and nothing changes', async () => {
    for (const setting of bench().wrong) {
      const { settings } = bench();
      const before = await valueOf(settings(), setting);
      assert.notEqual(await settings().refusal(setting), undefined, `${setting.family} ${setting.key}`);
      await refused(settings().write(setting), 'Failed');
      assert.deepEqual(await valueOf(settings(), setting), before);
    }
  });

  test('what was written stays over a loss of power, and over a boot, which takes its time', async () => {
    for (const setting of bench().harmless) await bench().settings().write(setting);
    await bench().losePower();
    for (const setting of bench().harmless) assert.deepEqual(await valueOf(bench().settings(), setting), setting.value);
    const before = await bench().bootId();
    void bench().settings().reboot();
    await bench().until(async () => (await bench().bootId()) !== before);
    for (const setting of bench().harmless) assert.deepEqual(await valueOf(bench().settings(), setting), setting.value);
  });

  test('changes are told, whoever makes them, until the listener has heard enough', async () => {
    const enough = new AbortController();
    const heard: string[] = [];
    const listen = async (): Promise<void> => {
      for await (const { family, key } of bench().settings().changes(enough.signal)) heard.push(`${family} ${key}`);
    };
    const listening = listen();
    const [setting] = bench().harmless;
    assert.ok(setting !== undefined);
    await bench().settings().write(setting);
    await bench().until(() => Promise.resolve(heard.length > 0));
    enough.abort();
    await bench().during(listening);
    assert.deepEqual(heard, [`${setting.family} ${setting.key}`]);
  });
}

function noteContract(bench: () => SettingsBench): void {
  test('a note is kept, replaced, and gone; it survives the loss of power, and no setting shows it', async () => {
    const { settings } = bench();
    assert.equal(await settings().kept('a'), undefined);
    await settings().keep('a', 'one');
    await settings().keep('b', 'other');
    await settings().keep('a', 'two');
    await bench().losePower();
    assert.equal(await settings().kept('a'), 'two');
    assert.equal(await settings().kept('b'), 'other');
    await settings().keep('a', undefined);
    assert.equal(await settings().kept('a'), undefined);
    assert.deepEqual(await settings().changed(), []);
  });
}

function severingContract(bench: () => SettingsBench): void {
  test('what cuts the host off really does, over a boot too, and is mended by writing back what was there', async () => {
    for (const setting of bench().severing) {
      const { settings } = bench();
      const before = await valueOf(settings(), setting);
      assert.ok(await bench().reaches());
      await settings().write(setting);
      assert.ok(!(await bench().reaches()), `${setting.family} ${setting.key} cuts nothing off`);
      const boot = await bench().bootId();
      void settings().reboot();
      await bench().until(async () => (await bench().bootId()) !== boot);
      assert.ok(!(await bench().reaches()), `${setting.family} ${setting.key} cuts nothing off after a boot`);
      await settings().write({ ...setting, value: before as Setting['value'] });
      assert.ok(await bench().reaches());
    }
  });
}
