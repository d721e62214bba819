import { badRequest } from '../errors.ts';

/** One term of a field selector. */
export interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** A field selector as a query has it (`metadata.name=x,spec.nodeName!=y`). @throws {ApiError} 400 when it can't be read. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => requirementOf(term, text));
}

/** Splits at commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\') {
      term += char + text.charAt(i + 1);
      i++;
    } else if (char === ',') {
      terms.push(term);
      term = '';
    } else term += char;
  }
  return [...terms, term];
}

function requirementOf(term: string, selector: string): FieldRequirement {
  const parts = /^([^!=]*)(!=|==|=)(.*)$/s.exec(term);
  if (parts === null) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field = '', operator = '', value = ''] = parts;
  return { field, equal: operator !== '!=', value: unescapeValue(value) };
}

function unescapeValue(value: string): string {
  return value.replace(/\\(.?)|=/gs, (found, escaped: string | undefined) => {
    if (escaped === ',' || escaped === '=' || escaped === '\\') return escaped;
    if (escaped === undefined) throw badRequest(`invalid field selector: unescaped character in value: ${String(found.charCodeAt(0))}`);
    throw badRequest(`invalid field selector: invalid escape sequence: ${found}`);
  });
}
