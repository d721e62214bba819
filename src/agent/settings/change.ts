/** Carries a change of settings through, or back: from whatever point a crash left it at. */
import type { UndoneChange } from '../../api/host-compliance.ts';
import { settingName, type Setting } from '../../api/setting.ts';
import { equal } from '../../base/equal.ts';
import { messageOf, Stopped } from '../../base/errors.ts';
import { formatDuration } from '../../base/time.ts';
import type { Change } from '../../domain/settings/family.ts';
import { familyOf } from '../../domain/settings/families.ts';
import { cut } from '../../domain/settings/look.ts';
import { isPortError } from '../../ports/errors.ts';
import { reaches } from '../switching/reach.ts';
import type { SettingsMeans } from './means.ts';
import { keepNote, readNote, type Note, type OpenChange } from './note.ts';

/** A connection that was there may outlive the change that forbids the next one: it is asked so much later, milliseconds. */
const severedMs = 2_000;
/** The same where nothing was changed that is known to cut hosts off: what was changed works by then. */
const settleMs = 500;
const askAgainMs = 1_000;
const writeAgainMs = 1_000;
/** How often one setting is written before it is given up. */
const mostWrites = 3;
/** A host that was asked to boot and has not is asked again after, milliseconds. */
const bootAgainMs = 60_000;

/**
 * Goes on until no change is open. Needs no word of the API: it is how a host that a change has cut off comes back.
 * @returns why it cannot be finished for now, so that it is to be tried again; undefined: nothing is open.
 */
export async function finishChange(means: SettingsMeans): Promise<string | undefined> {
  const { settings } = means.host;
  let note = await readNote(settings);
  while (note.change !== undefined) {
    const next = await step(means, note, note.change);
    if (typeof next === 'string') return next;
    await keepNote(settings, next);
    note = next;
  }
  return undefined;
}

/** @returns what is to be remembered next; or, as a text, why it is stuck. */
async function step(means: SettingsMeans, note: Note, change: OpenChange): Promise<Note | string> {
  switch (change.phase) {
    case 'Apply':
      return go(note, await apply(means, change));
    case 'Boot':
      await boot(means, change);
      return go(note, { ...change, phase: 'Try' });
    case 'Try':
      return tryOut(means, note, change);
    case 'Undo':
      return undo(means, note, change);
    case 'BootBack':
      await boot(means, change);
      return undone(note, change);
  }
}

function go({ undone: before }: Note, change: OpenChange): Note {
  return { undone: before, change };
}

async function apply(means: SettingsMeans, change: OpenChange): Promise<OpenChange> {
  for (const one of change.changes)
    for (const setting of familyOf(one).apply(one)) {
      const failed = await write(means, setting);
      if (failed !== undefined) return { ...change, phase: 'Undo', why: failed, culprit: settingName(one) };
    }
  return { ...change, phase: change.impact === 'Reboot' ? 'Boot' : 'Try' };
}

/** @returns why it could not be written, after some tries. */
async function write({ host, runtime: { clock, stopping } }: SettingsMeans, setting: Setting): Promise<string | undefined> {
  for (let tried = 1; ; tried++) {
    try {
      await host.settings.write(setting);
      return undefined;
    } catch (error) {
      if (!isPortError(error)) throw error;
      if (tried >= mostWrites || error.code === 'NotFound') return error.message;
    }
    await clock.sleep(writeAgainMs, stopping);
  }
}

/** Settles in another boot than the one in which it was asked for: mostly in another life of the agent. */
async function boot({ host, runtime: { clock, log, stopping } }: SettingsMeans, { bootId }: OpenChange): Promise<void> {
  while ((await host.inventory()).bootId === bootId) {
    try {
      await host.settings.reboot();
    } catch (error) {
      if (!isPortError(error)) throw error;
      log.warn('the host does not boot', { error: messageOf(error) });
    }
    await clock.sleep(bootAgainMs, stopping);
  }
}

/** Whether the host reaches its manager with what was changed. When it has not for too long, all of it is undone. */
async function tryOut(means: SettingsMeans, note: Note, change: OpenChange): Promise<Note> {
  const { clock, stopping } = means.runtime;
  const deadline = clock.monotonic() + change.afterMs;
  const severs = change.changes.some((one) => familyOf(one).severs);
  await clock.sleep(Math.min(severs ? severedMs : settleMs, change.afterMs), stopping);
  while (!(await reaches(means))) {
    if (clock.monotonic() >= deadline)
      return go(note, { ...change, phase: 'Undo', why: `it did not reach its manager for ${formatDuration(change.afterMs)}` });
    await clock.sleep(askAgainMs, stopping);
  }
  return { undone: without(note.undone, change.profile) };
}

/** What may have cut it off is written back first and one by one, so that the setting that did it is known. */
async function undo(means: SettingsMeans, note: Note, change: OpenChange): Promise<Note | string> {
  let culprit = change.culprit;
  for (const one of [...change.changes].reverse()) {
    for (const setting of familyOf(one).undo(one)) {
      // What was never changed need not be written back, and perhaps could not be.
      const failed = (await isSo(means, setting)) ? undefined : await write(means, setting);
      if (failed !== undefined) return stuckWords(change, one, failed);
    }
    if (culprit === undefined && familyOf(one).severs && (await reaches(means))) culprit = settingName(one);
  }
  const known = { ...change, ...(culprit === undefined ? {} : { culprit }) };
  if (change.impact !== 'Reboot') return undone(note, known);
  return go(note, { ...known, phase: 'BootBack', bootId: (await means.host.inventory()).bootId });
}

async function isSo({ host }: SettingsMeans, setting: Setting): Promise<boolean> {
  const [now] = await host.settings.read([setting]);
  return now !== undefined && 'value' in now && equal(now.value, setting.value);
}

function stuckWords({ why = '' }: OpenChange, one: Change, failed: string): string {
  return cut(`half undone (${why}): ${settingName(one)} cannot be written back: ${failed}`, 1024);
}

function undone(note: Note, change: OpenChange): Note {
  const { profile, revision, culprit, why = '' } = change;
  const words = culprit === undefined ? why : `${culprit}: ${why}`;
  const what: UndoneChange = { revision, ...(culprit === undefined ? {} : { setting: culprit }), message: cut(`undone: ${words}`, 1024) };
  return { undone: { ...without(note.undone, profile), [profile]: what } };
}

function without(all: Note['undone'], profile: string): Note['undone'] {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== profile));
}

/** Stopped is no trouble of the host's. */
export function troubleOf(error: unknown): string {
  if (error instanceof Stopped || !isPortError(error)) throw error;
  return messageOf(error);
}
