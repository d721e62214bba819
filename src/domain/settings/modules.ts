import { ifAny, usual, type Family } from './family.ts';

export const modules: Family = {
  ...usual,
  name: 'modules',
  wishes: (settings) => (settings.modules ?? []).map((key) => ({ key, value: 'loaded' })),
  // A profile cannot say that one is not to be there.
  extract: (settings) =>
    ifAny(
      'modules',
      settings.filter(({ value }) => value === 'loaded').map(({ key }) => key),
    ),
};
