// What must hold of every page that is shown: axe-core finds nothing, by day and in the dark, on a
// phone and on a computer; nothing scrolls sideways at 320 px nor with letters twice as large; one
// heading, a title, nothing from elsewhere, no complaint of the browser.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** In the dark only colours change: a test of the style sheet says so. */
const RULES = {
  light: { type: 'tag', values: TAGS },
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};
const SHOTS = process.env.KITH_SHOTS;

/** How many pages were examined, and how many times axe ran. */
export const counted = { pages: 0, axe: 0 };

const sessions = new WeakMap();

async function session(page) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  return sessions.get(page);
}

/** Axe in a world of its own beside the page, which has no script and gets none. */
class Axe {
  static async beside(page) {
    const axe = new Axe();
    axe.chromium = await session(page);
    // Only what changes is applied, and Playwright's session has switched scripts off in its own.
    await axe.scripts(true);
    await axe.scripts(false);
    const { frameTree } = await axe.chromium.send('Page.getFrameTree');
    const world = { frameId: frameTree.frame.id, worldName: 'axe' };
    axe.world = (await axe.chromium.send('Page.createIsolatedWorld', world)).executionContextId;
    await axe.evaluate(`${AXE};1`);
    return axe;
  }

  scripts(off) {
    return this.chromium.send('Emulation.setScriptExecutionDisabled', { value: off });
  }

  async evaluate(expression) {
    const answer = await this.chromium.send('Runtime.evaluate', {
      contextId: this.world,
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description);
    return answer.result.value;
  }

  run(rules) {
    counted.axe += 1;
    return this.evaluate(`axe.run(document, {
      runOnly: ${JSON.stringify(rules)}, resultTypes: ['violations'],
    }).then(({ violations, passes }) => ({
      rules: passes.length + violations.length,
      found: violations.map(({ id, help, nodes }) => ({
        id, help, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 200)),
        why: nodes[0].failureSummary,
      })),
    }))`);
  }

  done() {
    return this.scripts(true);
  }
}

const SIZES = { phone: 390, desktop: 1280 };

async function setWidth(page, width) {
  await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
}

/** How far the page can be scrolled sideways, and what sticks out. */
function sideways(page) {
  return page.evaluate(() => {
    const root = document.scrollingElement;
    const over = root.scrollWidth - root.clientWidth;
    if (over <= 0) return '';
    const out = [...document.querySelectorAll('body *')]
      .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
      .slice(-3)
      .map((one) => one.outerHTML.slice(0, 120));
    return `${over} px: ${out.join(' | ')}`;
  });
}

/** Links and buttons that are too small to be met by a finger; links within sentences may be. */
function small(page) {
  return page.evaluate(() => {
    const inSentence = (one) => {
      const around = one.closest('p, li, td, dd, .person__meta, .govuk-hint');
      return one.tagName === 'A' && around && around.innerText.trim() !== one.innerText.trim();
    };
    return [...document.querySelectorAll('a[href], button, select, summary, input:not([type=hidden])')]
      .filter((one) => {
        const label = one.labels?.[0];
        const boxes = [one, label].filter(Boolean).map((it) => it.getBoundingClientRect());
        const seen = boxes.some((box) => box.width > 1 && box.height > 1);
        // Some links have an invisible area around them.
        const around = getComputedStyle(one, '::after');
        const area = around.position === 'absolute' ? Number.parseFloat(around.height) || 0 : 0;
        const tall = Math.max(area, ...boxes.map((box) => box.height));
        return seen && tall < (inSentence(one) ? 24 : 43.5) && !one.closest('.govuk-skip-link');
      })
      .map((one) => `${Math.round(one.getBoundingClientRect().height)} px: ${one.outerHTML.slice(0, 160)}`);
  });
}

/** A picture of the page on a phone and on a computer, where pictures are wanted. */
export async function shoot(person, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  for (const [size, width] of Object.entries(SIZES)) {
    await setWidth(person.page, width);
    await person.page.screenshot({ path: path.join(SHOTS, `${name}-${size}.png`), fullPage: true });
  }
}

/** What was found on the pages of this chapter. */
const findings = [];

/** Tells a chapter to its end, and only then fails for what was found: one run finds everything. */
export async function told(tell) {
  let broken;
  await tell().catch((error) => {
    broken = error;
  });
  const found = findings.splice(0);
  if (broken) {
    broken.message = [broken.message, ...found].join('\n');
    throw broken;
  }
  assert.equal(found.length, 0, `\n${found.join('\n')}`);
}

/** Examines the page that the person sees. `sheet` is for pages that are made for paper. */
export async function examine(person, name, { status = 200, sheet = false } = {}) {
  const { page } = person;
  const found = [];
  counted.pages += 1;
  const before = page.viewportSize();
  const want = (right, words) => right || found.push(words);
  want(person.last?.status() === status, `status ${person.last?.status()} and not ${status}`);
  want((await page.locator('h1').count()) === 1, 'not one h1');
  want((await page.locator('html').getAttribute('lang')) === 'en-GB', 'language');
  const title = await page.title();
  const wrong = (await page.locator('.govuk-error-summary').count()) > 0;
  want(title.startsWith('Error: ') === wrong, `the title "${title}" does not say whether something is wrong`);
  want((await page.locator('script, [style], [onclick], [onload]').count()) === 0, 'scripts or styles in the page');

  const axe = await Axe.beside(page);
  for (const [size, width] of Object.entries(SIZES)) {
    await setWidth(page, width);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const { rules, found: violations } = await axe.run(RULES[colorScheme]);
      want(rules >= (colorScheme === 'light' ? 10 : 1), 'axe looked at next to nothing');
      for (const { id, where, why } of violations) {
        found.push(`axe, ${size}, ${colorScheme}: ${id}\n    ${where.join('\n    ')}\n    ${why}`);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    if (!sheet) found.push(...(await small(page)).map((one) => `too small to tap, ${size}: ${one}`));
  }
  await axe.done();
  await setWidth(page, 320);
  if (!sheet) {
    const over = await sideways(page);
    want(!over, `scrolls sideways at 320 px: ${over}`);
  }
  const chromium = await session(page);
  await chromium.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
  for (const width of Object.values(SIZES)) {
    await setWidth(page, width);
    const over = sheet ? '' : await sideways(page);
    want(!over, `scrolls sideways with large letters at ${width} px: ${over}`);
  }
  await chromium.send('Page.setFontSizes', { fontSizes: { standard: 16, fixed: 13 } });
  await shoot(person, name);
  await page.setViewportSize(before);
  found.push(...person.wrong.splice(0).map((words) => `the browser complains: ${words}`));
  const at = `${person.name}, ${name} (${new URL(page.url()).pathname})`;
  findings.push(...found.map((words) => `${at}: ${words}`));
}
