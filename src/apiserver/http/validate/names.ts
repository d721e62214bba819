/** The forms that names take in Kubernetes: each check returns what is wrong, in k8s.io/apimachinery's words. */
export type NameRule = (name: string) => readonly string[];

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualified = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const configKey = /^[-._a-zA-Z0-9]+$/;

function lengthError(limit: number): string {
  return `must be no more than ${String(limit)} bytes`;
}

function patternError(rule: string, pattern: RegExp, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}'`).join(',  or ');
  return `${rule} (e.g. ${shown}, regex used for validation is '${pattern.source.replace(/^\^|\$$/g, '')}')`;
}

/** A DNS-1123 label: Namespaces. */
export const dnsLabel: NameRule = (name) => [
  ...(name.length > 63 ? [lengthError(63)] : []),
  ...(label.test(name)
    ? []
    : [
        patternError(
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
          label,
          'my-name',
          '123-abc',
        ),
      ]),
];

/** A DNS-1123 subdomain: most kinds. */
export const dnsSubdomain: NameRule = (name) => [
  ...(name.length > 253 ? [lengthError(253)] : []),
  ...(subdomain.test(name)
    ? []
    : [
        patternError(
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
          subdomain,
          'example.com',
        ),
      ]),
];

/** What may be one segment of a path: custom resources are held to it besides their own rule. */
export const pathSegment: NameRule = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
};

/** A key of a label, an annotation or a finalizer: `name` or `example.com/name`. */
export const qualifiedName: NameRule = (text) => {
  const parts = text.split('/');
  if (parts.length > 2) return [qualifiedNameError('a qualified name')];
  const [prefix, name = ''] = parts.length === 2 ? parts : [undefined, text];
  const errors: string[] = [];
  if (prefix === '') errors.push('prefix part must be non-empty');
  else if (prefix !== undefined) errors.push(...dnsSubdomain(prefix).map((error) => `prefix part ${error}`));
  if (name === '') errors.push('name part must be non-empty');
  else if (name.length > 63) errors.push(`name part ${lengthError(63)}`);
  if (!qualified.test(name)) errors.push(qualifiedNameError('name part'));
  return errors;
};

/** A key of a label, where a selector names it: the same rule in other words. */
export const labelKeyRule: NameRule = (key) =>
  qualifiedName(key).map((why) => why.replace('a qualified name must', 'a valid label key must'));

function qualifiedNameError(what: string): string {
  const rule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  const text = patternError(`${what} ${rule}`, qualified, 'MyName', 'my.name', '123-abc');
  return what === 'name part' ? text : `${text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
}

export const labelValueRule: NameRule = (value) => [
  ...(value.length > 63 ? [lengthError(63)] : []),
  ...(labelValue.test(value)
    ? []
    : [
        patternError(
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          labelValue,
          'MyValue',
          'my_value',
          '12345',
        ),
      ]),
];

/** A key of a ConfigMap or a Secret. */
export const configMapKey: NameRule = (key) => {
  if (key.length > 253) return [lengthError(253)];
  if (!configKey.test(key)) {
    return [
      patternError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        configKey,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    ];
  }
  return key === '.' || key === '..' || key.startsWith('..') ? [`must not start with '..'`] : [];
};
