/** What processes say: warnings and errors go into the trace, and what only a defect explains breaks the play. */
import { messageOf } from '../../src/base/errors.ts';
import type { Log, LogFields } from '../../src/base/log.ts';
import type { Violation } from './judge.ts';
import type { Scheduler } from './scheduler.ts';

/** Words that no healthy program says. */
const defects =
  /is not a function|Cannot read|is not iterable|is not defined|Unreachable|^missing:|BigInt|^Banned|was used while a simulation|damaged/;
const fatal = new Set([
  'reflector failed',
  'agent lost its sweep',
  'the agent ended',
  'a process ended',
  'bookmarks have stopped',
  'change handler failed',
  'index function failed',
]);

export function logInto({ trace }: Scheduler, broken: (violation: Violation) => void): Log {
  const logWith = (bound: LogFields): Log => {
    const write = (level: string, message: string, fields: LogFields = {}): void => {
      const error = fields['error'] === undefined ? '' : messageOf(fields['error']);
      const who = typeof bound['process'] === 'string' ? bound['process'] : 'server';
      const about = fields['name'] ?? bound['name'] ?? '';
      trace.note(`${who} ${level}: ${message} ${typeof about === 'string' ? about : ''} ${error}`);
      if (fatal.has(message) || defects.test(error)) broken({ rule: 'defect', text: `${who}: ${message}: ${error}` });
    };
    return {
      debug: () => undefined,
      info: () => undefined,
      warn: (message, fields) => {
        write('warn', message, fields);
      },
      error: (message, fields) => {
        write('error', message, fields);
      },
      child: (fields) => logWith({ ...bound, ...fields }),
    };
  };
  return logWith({});
}
