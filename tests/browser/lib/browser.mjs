// Real Chromium, and the people who sit in front of it. Each has a browser of their own (a context
// shares no cookies with another), and JavaScript is off, as Kith promises to work without it.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { examine, shoot } from './examine.mjs';

const CHROMIUM = process.env.KITH_CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Every path that somebody went to. */
export const visited = new Set();

/** The longest that one step in a page may take: a page that does not come at all is told by it. */
const STEP = 60_000;

/** One Chromium for a file of tests. */
export class Browser {
  static async start() {
    if (!existsSync(CHROMIUM)) throw new Error(`there is no Chromium at ${CHROMIUM}`);
    const browser = new Browser();
    browser.chromium = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    return browser;
  }

  stop() {
    return this.chromium.close();
  }

  /** Somebody with a phone, or `width: 1280` for a computer. */
  async person(name, base, { width = 390 } = {}) {
    const context = await this.chromium.newContext({
      baseURL: base,
      javaScriptEnabled: false,
      viewport: { width, height: width < 600 ? 844 : 900 },
      locale: 'en-GB',
      serviceWorkers: 'block',
      // Nothing is half-way between two colours while it is looked at.
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(STEP);
    return new Person(name, base, context, await context.newPage(), width);
  }
}

/** Somebody who reads pages, types and presses buttons; every input is counted. */
export class Person {
  constructor(name, base, context, page, width) {
    Object.assign(this, { name, base, context, page, width });
    /** What the browser itself complained of, and requests that left for elsewhere. */
    this.wrong = [];
    this.inputs = 0;
    page.on('console', (message) => {
      // A status of 4xx is an answer, and written into the console by Chromium all the same.
      const ours = !/Failed to load resource: the server responded with a status of 4/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && ours) this.wrong.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (request.isNavigationRequest()) visited.add(new URL(url).pathname);
      if (!url.startsWith(base) && !/^(data|about|blob):/.test(url)) this.wrong.push(`fetched ${url}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) this.wrong.push(`${response.status()} ${response.url()}`);
    });
  }

  /** Follows a link that was handed over: in a mail, on a card. Counts as one input. What is read from paper is
      typed without its scheme. */
  async open(address) {
    this.inputs += 1;
    return this.goto(/^(https?:|\/)/.test(address) ? address : `http://${address}`);
  }

  /** Goes to an address as the tests please; not an input of this person. */
  async goto(address) {
    this.last = await this.page.goto(address);
    return this.last;
  }

  /** Fetches what is no page. */
  fetch(address) {
    visited.add(new URL(address, this.base).pathname);
    return this.context.request.get(new URL(address, this.base).href);
  }

  /** Types into the field with this label. */
  async type(label, text) {
    this.inputs += 1;
    await this.page.getByLabel(label, { exact: true }).fill(text);
  }

  /** Ticks a box, or chooses one of several answers. */
  async tick(label) {
    this.inputs += 1;
    await this.page.getByLabel(label, { exact: true }).check();
  }

  async choose(label, value) {
    this.inputs += 1;
    return this.page.getByLabel(label, { exact: true }).selectOption(value);
  }

  /** Presses a button and waits for the page that follows; gives its answer. */
  press(name, where = this.page) {
    return this.follow(where.getByRole('button', { name, exact: typeof name === 'string' }).first());
  }

  /** Taps a link. */
  tap(name, where = this.page) {
    return this.follow(where.getByRole('link', { name, exact: typeof name === 'string' }).first());
  }

  /** Clicks, and waits for the page that follows; `limit: 0` for as long as that takes. */
  async follow(locator, { limit = STEP } = {}) {
    this.inputs += 1;
    const next = this.page.waitForNavigation({ waitUntil: 'load', timeout: limit });
    const [response] = await Promise.all([next, locator.click({ timeout: limit })]);
    this.last = response;
    return response;
  }

  /** The words on the page, as they are read. */
  async words() {
    return (await this.page.locator('body').innerText()).replaceAll(' ', ' ');
  }

  /** The page's own words, without header and footer. */
  async main() {
    return (await this.page.locator('main').innerText()).replaceAll(' ', ' ');
  }

  title() {
    return this.page.title();
  }

  heading() {
    return this.page.locator('h1').innerText();
  }

  path() {
    const url = new URL(this.page.url());
    return url.pathname + url.search;
  }

  /** Everything that must hold of every page; and its picture, where pictures are wanted. */
  async look(name, options) {
    await examine(this, name, options);
  }

  /** A picture of what is no page of ours. */
  picture(name) {
    return shoot(this, name);
  }

  close() {
    return this.context.close();
  }
}
