// What must hold of every page that is shown: axe-core finds nothing, by day and in the dark, on a
// phone and on a computer; nothing scrolls sideways at 320 px nor with letters twice as large; one
// heading, a title, nothing from elsewhere, no complaint of the browser.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SHOTS = process.env.KITH_SHOTS;

/** How many pages were examined, and how many times axe ran. */
export const counted = { pages: 0, axe: 0 };

const sessions = new WeakMap();

async function session(page) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  return sessions.get(page);
}

/** Runs axe in a world of its own beside the page, which has no script and gets none. */
async function axe(page) {
  const chromium = await session(page);
  // Only what changes is applied, and Playwright's session has switched scripts off in its own.
  const scripts = (off) => chromium.send('Emulation.setScriptExecutionDisabled', { value: off });
  await scripts(true);
  await scripts(false);
  try {
    const { frameTree } = await chromium.send('Page.getFrameTree');
    const { executionContextId } = await chromium.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
      worldName: 'axe',
    });
    const evaluate = async (expression) => {
      const answer = await chromium.send('Runtime.evaluate', {
        contextId: executionContextId,
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description);
      return answer.result.value;
    };
    await evaluate(`${AXE};1`);
    counted.axe += 1;
    return await evaluate(`axe.run(document, {
      runOnly: { type: 'tag', values: ${JSON.stringify(RULES)} }, resultTypes: ['violations'],
    }).then(({ violations, passes }) => ({
      rules: passes.length + violations.length,
      found: violations.map(({ id, help, nodes }) => ({
        id, help, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 200)),
        why: nodes[0].failureSummary,
      })),
    }))`);
  } finally {
    await scripts(true);
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

async function shoot(person, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  for (const [size, width] of Object.entries(SIZES)) {
    await setWidth(person.page, width);
    await person.page.screenshot({ path: path.join(SHOTS, `${name}-${size}.png`), fullPage: true });
  }
}

/** Examines the page that the person sees. `sheet` is for pages that are made for paper. */
export async function examine(person, name, { status = 200, sheet = false } = {}) {
  const { page } = person;
  const at = `${person.name}, ${name} (${new URL(page.url()).pathname})`;
  counted.pages += 1;
  const before = page.viewportSize();
  assert.equal(person.last?.status(), status, `${at}: status`);
  assert.equal(await page.locator('h1').count(), 1, `${at}: one h1`);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en-GB', `${at}: language`);
  const title = await page.title();
  const wrong = (await page.locator('.govuk-error-summary').count()) > 0;
  assert.equal(title.startsWith('Error: '), wrong, `${at}: "${title}" says whether something is wrong`);
  assert.equal(await page.locator('script, [style], [onclick], [onload]').count(), 0, `${at}: scripts or styles`);

  for (const [size, width] of Object.entries(SIZES)) {
    await setWidth(page, width);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const { rules, found } = await axe(page);
      assert.ok(rules > 10, `${at}: axe looked at next to nothing`);
      assert.deepEqual(found, [], `${at}: axe, ${size}, ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    if (!sheet) assert.deepEqual(await small(page), [], `${at}: too small to tap, ${size}`);
  }
  await setWidth(page, 320);
  if (!sheet) assert.equal(await sideways(page), '', `${at}: scrolls sideways at 320 px`);
  const chromium = await session(page);
  await chromium.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
  for (const width of Object.values(SIZES)) {
    await setWidth(page, width);
    if (!sheet) assert.equal(await sideways(page), '', `${at}: scrolls sideways with large letters at ${width} px`);
  }
  await chromium.send('Page.setFontSizes', { fontSizes: { standard: 16, fixed: 13 } });
  await shoot(person, name);
  await page.setViewportSize(before);
  assert.deepEqual(person.wrong, [], `${at}: what the browser complains of`);
}
