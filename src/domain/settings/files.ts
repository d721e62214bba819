import { sideOf, type SettingValue } from '../../api/setting.ts';
import { fnv1a } from '../../base/hash.ts';
import { ifAny, usual, type Change, type Family } from './family.ts';

/** What is read at boot only. */
const readAtBoot = ['/etc/kernel/cmdline', '/etc/modprobe.d/'];

/** Of a file that says nothing of its mode. */
const usualMode = '0644';

export const files: Family = {
  ...usual,
  name: 'files',
  wishes: (settings) =>
    (settings.files ?? []).map(({ path, mode, contents }) => ({
      key: path,
      value: { ...(mode === undefined ? {} : { mode }), contents },
    })),
  apply: (change) => usual.apply({ ...change, found: change.found ?? { mode: usualMode } }),
  impact: ({ key }) => (readAtBoot.some((path) => isBelow(key, path)) ? 'Reboot' : 'None'),
  words,
  extract: (settings) =>
    ifAny(
      'files',
      settings
        .filter(({ value }) => value !== null)
        .map(({ key, value }) => ({ path: key, mode: sideOf(value, 'mode'), contents: sideOf(value, 'contents') })),
    ),
};

/** Contents may be long, and secret: what stands there is enough to tell two of them apart. */
function words(value: SettingValue): string {
  if (value === null) return 'not there';
  const [mode, contents] = [sideOf(value, 'mode'), sideOf(value, 'contents')];
  return `${mode === '' ? '' : `mode ${mode}, `}${String(contents.length)} characters, hash ${fnv1a(contents).slice(0, 8)}`;
}

/** Whether `path` is `root` itself, or, where `root` ends with a slash, below it. */
export function isBelow(path: string, root: string): boolean {
  return root.endsWith('/') ? path.startsWith(root) : path === root;
}

/** Whether a change of the file may be made at all: only below what the agent was started with, and nowhere else by any spelling. */
export function isAllowed({ family, key }: Pick<Change, 'family' | 'key'>, roots: readonly string[]): boolean {
  return family !== 'files' || (!key.split('/').some((part) => part === '..' || part === '.') && roots.some((root) => isBelow(key, root)));
}
