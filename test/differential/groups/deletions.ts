/** What of a deletion is compared. */
export const fate = [
  '/kind',
  '/status',
  '/metadata/name',
  '/metadata/resourceVersion',
  '/metadata/generation',
  '/metadata/deletionTimestamp',
  '/metadata/deletionGracePeriodSeconds',
  '/metadata/finalizers',
  '/message',
  '/reason',
  '/details',
];

export const options = (fields: object): object => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...fields });
export const policies = ['', 'Background', 'Foreground', 'Orphan'] as const;
export type Policy = (typeof policies)[number];
export const by = (policy: Policy): object | undefined => (policy === '' ? undefined : options({ propagationPolicy: policy }));
