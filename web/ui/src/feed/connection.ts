/**
 * Keeps a `FeedStore` current: WebSocket first, then the lists; what comes meanwhile waits. After any break all of it
 * again. A silent feed is a broken feed: the server ticks every second.
 */
import { session, alarms, cameras, incidents, things } from '../api/endpoints';
import type { Role } from '../api/types';
import { noteServerTime, serverNow } from './clock';
import type { FeedStore } from './store';

export interface Connection {
  /** `connecting` only before the first time live. */
  state: 'connecting' | 'live' | 'away';
  /** How old the newest word from the server was when it came, seconds. */
  delay_s: number;
  /** When the state began, ms since 1970 here. */
  since: number;
}

const SILENCE_MS = 4000;
const BACKOFF_MS = [300, 700, 1500, 3000, 6000];
const FORGET_EVERY_MS = 300_000;
const KEEP_HANDLED_MS = 2 * 3_600_000;

export class FeedConnection {
  private current: Connection = { state: 'connecting', delay_s: 0, since: Date.now() };
  private readonly listeners = new Set<() => void>();
  private socket: WebSocket | null = null;
  private waiting: { topic: string; rows: unknown[] }[] | null = [];
  private attempts = 0;
  private stopped = true;
  private lastHeardMs = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watchTimer: ReturnType<typeof setInterval> | undefined;
  private forgetTimer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly store: FeedStore,
    private readonly roles: readonly Role[],
  ) {}

  get = (): Connection => this.current;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.stopped = false;
    this.connect();
    this.watchTimer = setInterval(() => {
      if (this.socket && Date.now() - this.lastHeardMs > SILENCE_MS) this.lost(this.socket);
    }, 500);
    this.forgetTimer = setInterval(() => this.store.forgetHandled(serverNow(), KEEP_HANDLED_MS), FORGET_EVERY_MS);
    window.addEventListener('online', this.reconnectNow);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retryTimer);
    clearInterval(this.watchTimer);
    clearInterval(this.forgetTimer);
    window.removeEventListener('online', this.reconnectNow);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  reconnectNow = (): void => {
    if (this.stopped || this.socket) return;
    clearTimeout(this.retryTimer);
    this.connect();
  };

  /** The lists anew, for a person who wants the latest after a conflict. */
  reload = async (): Promise<void> => {
    const may = (...roles: Role[]) => roles.some((role) => this.roles.includes(role));
    const load = async <R>(permitted: boolean, read: () => Promise<R>, take: (rows: R) => void) => {
      if (permitted) take(await read());
    };
    const { store } = this;
    await Promise.all([
      load(true, cameras.list, (rows) => store.cameras.replace(rows)),
      load(true, things.units, (rows) => store.units.replace(rows)),
      load(true, things.vehicles, (rows) => store.vehicles.replace(rows)),
      load(true, things.sensors, (rows) => store.sensors.replace(rows)),
      load(may('dispatcher', 'commander'), alarms.open, (rows) => store.alarms.replace(rows)),
      load(may('dispatcher', 'commander', 'reviewer'), () => incidents.list('open'), (rows) => store.incidents.replace(rows)),
    ]);
  };

  private connect(): void {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/feed`);
    this.socket = socket;
    this.waiting = [];
    this.lastHeardMs = Date.now();
    socket.onmessage = (event: MessageEvent<string>) => this.heard(socket, event.data);
    socket.onclose = () => this.lost(socket);
  }

  private heard(socket: WebSocket, text: string): void {
    if (socket !== this.socket) return;
    this.lastHeardMs = Date.now();
    const message = JSON.parse(text) as { topic: string; rows?: unknown[]; server_time?: string };
    if (message.topic === 'hello') {
      void this.catchUp(socket);
    } else if (message.topic === 'tick') {
      if (this.waiting === null && message.server_time) {
        this.set('live', Math.max(0, serverNow() - Date.parse(message.server_time)) / 1000);
      }
    } else if (message.rows) {
      if (this.waiting) this.waiting.push({ topic: message.topic, rows: message.rows });
      else this.store.apply(message.topic, message.rows);
    }
  }

  private async catchUp(socket: WebSocket): Promise<void> {
    try {
      const sentAt = Date.now();
      const { server_time } = await session.read();
      noteServerTime(server_time, sentAt, Date.now());
      await this.reload();
    } catch (error) {
      console.warn('the feed could not catch up', error);
      this.lost(socket);
      return;
    }
    if (socket !== this.socket) return;
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const { topic, rows } of waiting) this.store.apply(topic, rows);
    this.attempts = 0;
    this.set('live', 0);
  }

  private lost(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = null;
    socket.onclose = null;
    socket.close();
    if (this.stopped) return;
    this.set(this.current.state === 'connecting' && this.attempts < 2 ? 'connecting' : 'away', this.current.delay_s);
    const wait = BACKOFF_MS[Math.min(this.attempts, BACKOFF_MS.length - 1)] ?? 6000;
    this.attempts += 1;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.retry(), wait * (0.75 + Math.random() / 2));
  }

  /** A closed session looks like a closed socket; asking for it tells them apart and sends people to the login. */
  private async retry(): Promise<void> {
    try {
      await session.read();
    } catch {
      // the client has already gone to the login for a 401; anything else is tried again with the socket
    }
    if (!this.stopped && !this.socket) this.connect();
  }

  private set(state: Connection['state'], delay_s: number): void {
    const since = state === this.current.state ? this.current.since : Date.now();
    this.current = { state, delay_s, since };
    this.listeners.forEach((listener) => listener());
  }
}
