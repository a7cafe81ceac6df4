// Processes that the tests start, and nothing else: each is ended by the test that began it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const TARGET = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');

/** The program under test: `cargo build` made it. */
export const KITH = process.env.KITH_BINARY ?? path.join(TARGET, 'debug', 'kith');

/** Asks until the answer is something, for so many seconds. The condition decides, not the time. */
export async function until(what, seconds, ask) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} seconds for ${what}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** A port of the loopback address that is ours from now on, before it is known where it leads: a port
    that is only looked for may be somebody else's by the time it is used. */
export class Door {
  static async open() {
    const door = new Door();
    door.held = new Set();
    door.server = createServer({ allowHalfOpen: true }, (from) => door.through(from));
    await once(door.server.listen(0, '127.0.0.1'), 'listening');
    door.port = door.server.address().port;
    return door;
  }

  /** From now on: a port, or the path of a socket. */
  leadsTo(there) {
    this.there = there;
  }

  through(from) {
    if (!this.there) {
      from.destroy();
      return;
    }
    const to = connect({ ...this.there, allowHalfOpen: true });
    for (const [one, other] of [[from, to], [to, from]]) {
      this.held.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => this.held.delete(one));
      one.pipe(other);
    }
  }

  async shut() {
    this.server.close();
    for (const socket of this.held) socket.destroy();
    await once(this.server, 'close');
  }
}

/** A folder of its own, and how to remove it. */
export async function folder(name) {
  const at = await mkdtemp(path.join(tmpdir(), `kith-${name}-`));
  return { at, remove: () => rm(at, { recursive: true, force: true }) };
}

/** What this machine says, less what would configure the program under test. */
function surroundings(more) {
  const plain = Object.entries(process.env).filter(([name]) => !name.startsWith('KITH_'));
  return { ...Object.fromEntries(plain), ...more };
}

/** A program that runs until it is stopped. */
export class Service {
  constructor(program, words, { env = {}, cwd } = {}) {
    this.said = '';
    this.ended = false;
    this.name = path.basename(program);
    this.child = spawn(program, words, { cwd, env: surroundings(env) });
    this.child.on('error', (error) => this.hear(`${error}\n`));
    this.gone = new Promise((resolve) => {
      this.child.on('close', () => resolve());
      this.child.on('error', () => resolve());
    }).then(() => {
      this.ended = true;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => this.hear(text));
    }
    // A test that is broken off leaves nothing behind.
    this.atExit = () => this.child.kill('SIGKILL');
    process.on('exit', this.atExit);
  }

  hear(text) {
    this.said = (this.said + text).slice(-200_000);
  }

  /** Waits until `ask` is answered while the program runs. */
  async ready(seconds, ask) {
    await until(`${this.name} to be ready`, seconds, async () => {
      if (this.ended) throw new Error(`${this.name} ended by itself:\n${this.said}`);
      return ask();
    }).catch((error) => {
      throw new Error(`${error.message}\n${this.said.slice(-4000)}`);
    });
    return this;
  }

  async stop() {
    process.off('exit', this.atExit);
    if (this.ended) return;
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 30_000);
    await this.gone;
    clearTimeout(late);
  }
}

/** Runs a program to its end and gives what it printed; a failure says what went wrong. */
export async function run(program, words, options) {
  const service = new Service(program, words, options);
  const late = setTimeout(() => service.child.kill('SIGKILL'), 60_000);
  await service.gone;
  clearTimeout(late);
  process.off('exit', service.atExit);
  if (service.child.exitCode !== 0) {
    throw new Error(`${service.name} ${words.join(' ')} failed:\n${service.said}`);
  }
  return service.said;
}

/** Whether a page is answered. */
export async function answers(url) {
  try {
    return (await fetch(url, { redirect: 'manual' })).status < 500;
  } catch {
    return false;
  }
}
