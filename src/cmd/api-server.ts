/** The embedded API server as a process of its own: `api-server.ts --data-dir DIR [--port N] [--bind ADDR] [--kubeconfig FILE]`. */
import { UserError } from '../base/errors.ts';
import { pinoLog } from '../system/log.ts';
import { systemRuntime } from '../system/runtime.ts';
import { helpOf, numberFlag, readFlags, textFlag, type Flags } from './flags.ts';
import { interruptible, main } from './main.ts';
import { startApi } from './trial/api.ts';
import { openDataDirectory } from './trial/data-directory.ts';

const flags: Flags = {
  'data-dir': { type: 'string', value: 'DIR', help: 'where objects are kept' },
  port: { type: 'string', value: 'N', help: 'the port, 0 for any that is free (16443)' },
  bind: { type: 'string', value: 'ADDR', help: 'the address (127.0.0.1)' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'where the kubeconfig is written (DIR/kubeconfig)' },
  help: { type: 'boolean', help: 'show this' },
};

await main(async (stopping) => {
  const values = readFlags(process.argv.slice(2), flags);
  if (values['help'] === true) return void process.stdout.write(`${helpOf(flags)}\n`);
  const directory = textFlag(values, 'data-dir');
  if (directory === undefined) throw new UserError(`--data-dir must say where objects are kept\n\n${helpOf(flags)}`);
  const data = await interruptible(stopping, openDataDirectory(directory));
  const end = new AbortController();
  const starting = startApi({
    data,
    runtime: systemRuntime('api-server', end.signal, pinoLog({ level: 'warn' })),
    bind: textFlag(values, 'bind') ?? '127.0.0.1',
    port: numberFlag(values, 'port', { from: 0, to: 65_535 }) ?? 16_443,
    kubeconfig: textFlag(values, 'kubeconfig'),
    namespace: 'default',
  }).catch(async (error: unknown) => {
    await data.abandon();
    throw error;
  });
  const api = await interruptible(stopping, starting);
  process.stdout.write(`API server at ${api.url}\n`);
  if (!stopping.aborted) await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }));
  end.abort();
  await api.close();
  await data.unlock();
});
