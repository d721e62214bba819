import type { Dispatcher } from 'undici';
import { messageOf, Stopped } from '../base/errors.ts';
import { ConnectionLost, type ApiResponse } from '../meta/control-plane.ts';
import { ResponseBody } from './response-body.ts';

type Controller = Dispatcher.DispatchController;

/** A body that its reader leaves early is read to its end when no more than this is to come: cheaper than a new connection. */
const worthDraining = 64 * 1024;

/** What an exchange's failure says: never a header, since one of them is the token. */
export interface ExchangeLabel {
  readonly method: string;
  readonly path: string;
}

export interface Stops {
  /** Ends this exchange. */
  readonly signal: AbortSignal;
  /** Aborted when the transport is closed: what fails from then on was stopped, not lost. */
  readonly closing: AbortSignal;
}

/** One request under way on undici: the head settles `answer`, the rest goes to its body. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<ApiResponse>;
  readonly #label: ExchangeLabel;
  readonly #stops: Stops;
  readonly #onAbort = (): void => {
    this.#abort(new Stopped());
  };
  #settle: { resolve(response: ApiResponse): void; reject(error: Error): void } | undefined;
  #controller: Controller | undefined;
  #body: ResponseBody | undefined;
  #remaining: number | undefined;
  #reason: Error | undefined;

  constructor(label: ExchangeLabel, stops: Stops) {
    this.#label = label;
    this.#stops = stops;
    this.answer = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    stops.signal.addEventListener('abort', this.#onAbort);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#reason !== undefined) controller.abort(this.#reason);
  }

  onResponseStart(controller: Controller, status: number, raw: Record<string, string | string[] | undefined>): void {
    if (status < 200) return;
    const headers = plainHeaders(raw);
    const length = Number(headers['content-length']);
    this.#remaining = Number.isInteger(length) ? length : undefined;
    const body = new ResponseBody({
      pause: () => {
        controller.pause();
      },
      resume: () => {
        controller.resume();
      },
      cancel: () => {
        this.#cancel(controller);
      },
    });
    this.#body = body;
    this.#settle?.resolve({ status, headers, body });
    this.#settle = undefined;
  }

  onResponseData(_controller: Controller, chunk: Uint8Array): void {
    if (this.#remaining !== undefined) this.#remaining -= chunk.length;
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#done();
    this.#body?.end();
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#done();
    const failure = this.#stops.closing.aborted ? new Stopped('the transport is closed') : lost(this.#label, error);
    this.#fail(this.#reason ?? failure);
  }

  #cancel(controller: Controller): void {
    if (this.#remaining !== undefined && this.#remaining <= worthDraining) {
      controller.resume();
      return;
    }
    this.#done();
    controller.abort(new Stopped());
  }

  #abort(reason: Error): void {
    this.#done();
    this.#reason = reason;
    this.#settle?.reject(reason);
    this.#settle = undefined;
    this.#body?.abort(reason);
    this.#controller?.abort(reason);
  }

  #fail(error: Error): void {
    this.#settle?.reject(error);
    this.#settle = undefined;
    this.#body?.fail(error);
  }

  #done(): void {
    this.#stops.signal.removeEventListener('abort', this.#onAbort);
  }
}

/** No answer, or half of one, for `error`'s sake. */
export function lost(label: ExchangeLabel, error: unknown): ConnectionLost {
  const message = messageOf(error);
  // An AggregateError (every address of a name failed) has no message of its own.
  const why = message === '' && error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : message;
  return new ConnectionLost(`${label.method} ${label.path}: ${why}`, { cause: error });
}

function plainHeaders(raw: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in raw) {
    const value = raw[name];
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}
