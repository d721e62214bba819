import type { DestinationStream, Logger } from 'pino';
import { destination, pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { Log, LogFields } from '../base/log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface PinoOptions {
  /** The least severe lines that are written. Default: `info`. */
  readonly level?: LogLevel;
  /** Default: standard error, at once, so that the last words before a crash are not lost. */
  readonly to?: DestinationStream;
}

/** One JSON object a line. An Error under `error` is written with its message, stack and cause. */
export function pinoLog(options: PinoOptions = {}): Log {
  const { level = 'info', to = destination({ dest: 2, sync: true }) } = options;
  const settings = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: stdSerializers.err },
  };
  return wrapped(pino(settings, to));
}

function wrapped(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (fields: LogFields) => wrapped(logger.child(fields)),
  };
}
