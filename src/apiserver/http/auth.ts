import { unauthorized } from './errors.ts';

/** Who asks. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** The users that there are, by their bearer tokens. */
export type Tokens = ReadonlyMap<string, UserInfo>;

/** The user whose token the request carries. @throws {ApiError} 401 when it carries none, or one that nobody has. */
export function authenticate(tokens: Tokens, headers: Readonly<Record<string, string>>): UserInfo {
  const parts = /^Bearer +(\S+) *$/i.exec(headers['authorization'] ?? '');
  const user = parts === null ? undefined : tokens.get(parts[1] ?? '');
  if (user === undefined) throw unauthorized();
  if (user.groups.includes('system:authenticated')) return user;
  return { ...user, groups: [...user.groups, 'system:authenticated'] };
}
