import { Optional, type Environment } from '@marcbachmann/cel-js';
import { formatCheck } from '../formats.ts';
import { define, defineNamespace } from './define.ts';

type Validate = (text: string) => string[];

/** A named format; what is wrong with a text is said in words. */
class Format {
  readonly validate: Validate;
  constructor(validate: Validate) {
    this.validate = validate;
  }
}

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const dns1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const labelValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function matching(pattern: RegExp, max: number, words: string): Validate {
  return (text) => [...(text.length > max ? [`must be no more than ${String(max)} bytes`] : []), ...(pattern.test(text) ? [] : [words])];
}

/** A prefix may end in a dash: the rest of the name is made later. */
function prefixOf(validate: Validate): Validate {
  return (text) => validate(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);
}

function known(format: string, words: string): Validate {
  const check = formatCheck(format);
  return (text) => (check?.(text) === true ? [] : [words]);
}

const dns1123Label = matching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 63, label);
const dns1123Subdomain = matching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 253, subdomain);
const dns1035Label = matching(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 63, dns1035);
const namePart = matching(/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/, 63, qualified);

const qualifiedName: Validate = (text) => {
  const parts = text.split('/');
  if (parts.length === 1) return namePart(text);
  if (parts.length > 2) return [`a qualified name ${qualified}`];
  const [prefix = '', name = ''] = parts;
  return [...dns1123Subdomain(prefix).map((words) => `prefix part ${words}`), ...namePart(name)];
};

const formats: ReadonlyMap<string, Format> = new Map(
  Object.entries({
    dns1123Label,
    dns1123Subdomain,
    dns1035Label,
    qualifiedName,
    dns1123LabelPrefix: prefixOf(dns1123Label),
    dns1123SubdomainPrefix: prefixOf(dns1123Subdomain),
    dns1035LabelPrefix: prefixOf(dns1035Label),
    labelValue: matching(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/, 63, labelValue),
    uri: known('uri', 'invalid URI for request'),
    uuid: known('uuid', 'does not match the UUID format'),
    byte: known('byte', 'invalid base64'),
    date: known('date', 'invalid date'),
    datetime: known('date-time', 'invalid datetime'),
  }).map(([name, validate]) => [name, new Format(validate)] as const),
);

/** Kubernetes' own formats: `!format.dns1123Label().validate(self.name).hasValue()`. */
export function addFormats(environment: Environment): void {
  const namespace = 'kubernetes.FormatNamespace';
  environment.registerType('kubernetes.NamedFormat', { ctor: Format, fields: {} });
  defineNamespace(environment, 'format', namespace);
  for (const [name, format] of formats) define(environment, `${namespace}.${name}(): kubernetes.NamedFormat`, () => format);
  define(environment, `${namespace}.named(string): optional<kubernetes.NamedFormat>`, (_: unknown, name: string) => {
    const format = formats.get(name);
    return format === undefined ? Optional.none() : Optional.of(format);
  });
  define(environment, 'kubernetes.NamedFormat.validate(string): optional<list<string>>', (format: Format, text: string) => {
    const problems = format.validate(text);
    return problems.length === 0 ? Optional.none() : Optional.of(problems);
  });
}
