/** What GET /version says. The API is that of this Kubernetes release, as far as it is served. */
export const version = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.0+hypersphere',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: '',
};
